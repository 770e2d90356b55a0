"""What is known of a candidate pair: its sites, and the known interactions around it."""

from typing import Any, Final

import numpy as np
import pandas as pd
from scipy import sparse

from sklearn_mferl.datasets import CMIData
from sklearn_mferl.evidence import PairNeighborhood, TargetSites
from sklearn_mferl.evidence.sites.seed_index import N_CANONICAL_TYPES, SITE_TYPES
from sklearn_mferl.utils.validation import SIDES

_N_VOTERS: Final = 3
_OF_SITE: Final = {
    "type": "best_site",
    "start": "site_start",
    "end": "site_end",
    "duplex_score": "duplex_score",
    "target_3to5": "target_3to5",
    "bars": "bars",
    "mirna_5to3": "mirna_5to3",
}


def describe_sites(pairs: pd.DataFrame, data: CMIData, *, circular: bool) -> pd.DataFrame:
    """Describe pairs by their sites; the best is of the strongest type, then of the best duplex."""
    sites = TargetSites(data.circrna, data.mirna, circular=circular).fit(pairs).sites(pairs)
    sites["order"] = sites["type"].map({name: order for order, name in enumerate(SITE_TYPES)})
    canonical = sites[sites["order"] < N_CANONICAL_TYPES].groupby(list(SIDES))["crosses_junction"]
    sites = sites.sort_values(["order", "duplex_score", "start"], ascending=[True, False, True])
    best = sites.drop_duplicates(list(SIDES)).set_index(list(SIDES))
    wanted = pd.MultiIndex.from_frame(pairs[list(SIDES)])
    described = pd.DataFrame(
        {
            "n_sites": canonical.size().reindex(wanted, fill_value=0),
            "crosses_junction": canonical.any().reindex(wanted, fill_value=False),
        }
    ).astype({"n_sites": int, "crosses_junction": bool})
    for column, name in _OF_SITE.items():
        values = best[column].reindex(wanted)
        is_number = pd.api.types.is_numeric_dtype(best[column])
        described[name] = values.astype(float) if is_number else values.fillna("").astype(str)
    return described.reset_index(drop=True)


def describe_neighbors(pairs: pd.DataFrame, known: pd.DataFrame, neighborhood: Any) -> pd.DataFrame:
    """Describe pairs by the known interactions around them."""
    described = count_paths(pairs, known)
    votes = neighborhood.voters(pairs)
    votes = votes[votes["interacts"]].drop_duplicates([*SIDES, "side", "voter"])
    wanted = pd.MultiIndex.from_frame(pairs[list(SIDES)])
    for side in SIDES:
        of_side = votes[votes["side"] == side].groupby(list(SIDES))["voter"]
        nearest = of_side.agg(lambda voters: "; ".join(voters.head(_N_VOTERS)))
        described[f"similar_{side}s"] = nearest.reindex(wanted).fillna("").astype(str).to_numpy()
    return described


def count_paths(pairs: pd.DataFrame, known: pd.DataFrame) -> pd.DataFrame:
    """Count the known partners of the two RNAs of unknown pairs, and the paths between them."""
    known = known[list(SIDES)].drop_duplicates()
    index = {side: pd.Index(known[side]).append(pd.Index(pairs[side])).unique() for side in SIDES}
    edges = [index[side].get_indexer(known[side]) for side in SIDES]
    rows = [index[side].get_indexer(pairs[side]) for side in SIDES]
    shape = tuple(len(index[side]) for side in SIDES)
    graph = sparse.csr_array((np.ones(len(known), dtype=np.int64), edges), shape=shape)
    walks = (graph[rows[0]] @ graph.T @ graph).toarray()  # an unknown pair's walks repeat no edge
    return pd.DataFrame(
        {
            "circrna_degree": graph.sum(axis=1)[rows[0]],
            "mirna_degree": graph.sum(axis=0)[rows[1]],
            "n_paths": walks[np.arange(len(pairs)), rows[1]],
        }
    )


def make_neighborhood(data: CMIData, model: Any, *, circular: bool, random_state: int) -> PairNeighborhood:
    """Return the neighbourhood that a fitted model reads, or one fitted on the known pairs."""
    for channel in model["features"].evidence_.values():
        if isinstance(channel, PairNeighborhood):
            return channel
    options: dict[str, Any] = {"circular": circular, "random_state": random_state}
    options["embeddings"] = data.embeddings or None
    return PairNeighborhood(data.circrna, data.mirna, **options).fit(data.pairs)
