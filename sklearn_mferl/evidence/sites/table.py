"""Sites as a table that a person reads."""

from typing import Final

import numpy as np
import pandas as pd

from sklearn_mferl.evidence.sites.context import local_au, supplementary_pairs
from sklearn_mferl.evidence.sites.duplex import score_duplexes, write_duplexes
from sklearn_mferl.evidence.sites.rna_pairs import RNAPairs
from sklearn_mferl.evidence.sites.seed_index import SITE_LENGTHS, SITE_TYPES, WINDOW, Sites
from sklearn_mferl.evidence.sites.summary import crosses_junction, site_starts

TEXT_COLUMNS: Final = ("circrna", "mirna", "type", "target_3to5", "bars", "mirna_5to3")


def tabulate_sites(sites: Sites, pairs: RNAPairs) -> pd.DataFrame:
    """Describe each site in a row, without the names of the RNAs."""
    start = site_starts(sites, pairs)
    duplexes = write_duplexes(sites, pairs)
    n_aligned = np.array([len(row) - row.count("-") for row in duplexes.target], dtype=np.int64)
    # the first aligned nucleotide of the miRNA is opposite to the last one of the target
    duplex_end = sites.window + WINDOW + 1 - duplexes.mirna_start
    duplex_start = (duplex_end - n_aligned) % pairs.targets.lengths[sites.target]
    return pd.DataFrame(
        {
            "pair": sites.pair,
            "type": np.array(SITE_TYPES, dtype=object)[sites.type],
            "start": start,
            "end": start + SITE_LENGTHS[sites.type],
            "crosses_junction": crosses_junction(sites, pairs),
            "supplementary": supplementary_pairs(sites, pairs),
            "local_au": local_au(sites, pairs),
            "duplex_score": score_duplexes(sites, pairs),
            "duplex_start": duplex_start,
            "duplex_end": duplex_start + n_aligned,
            "mirna_start": duplexes.mirna_start,
            "target_3to5": np.array(duplexes.target, dtype=object),
            "bars": np.array(duplexes.bars, dtype=object),
            "mirna_5to3": np.array(duplexes.mirna, dtype=object),
        }
    )
