"""The score of one site, shared among its nucleotides."""

from typing import Any, Final

import numpy as np
import pandas as pd
import torch

from sklearn_mferl.features.rna_codes import FOREIGN, encode_rnas
from sklearn_mferl.models.sites.letters import COLUMNS, encode_mirnas, read_sites, read_windows, window_starts
from sklearn_mferl.network.devices import resolve_device
from sklearn_mferl.network.sites.site_network import STRIDE
from sklearn_mferl.utils.scheduling import one_openmp_thread

_N_STEPS: Final = 200  # of the sum that stands for an integral


def share_score(model: Any, target: str, mirna: str) -> pd.DataFrame:
    """Return the contributions of `SiteClassifier.contributions`."""
    sites = read_sites([(target, mirna)])
    codes, seed = encode_rnas(sites["target"]), encode_mirnas(sites["mirna"], model.mirna_length)
    starts = window_starts(len(sites["target"][0]), model.window, STRIDE, circular=False)
    begins = np.add.outer(starts, model.places)
    row = np.zeros(len(starts), dtype=np.int64)
    scores = model.score_windows(codes, row, begins, np.repeat(seed, len(row), axis=0), circular=False)
    best = begins[scores.mean(axis=1).argmax()]
    windows = read_windows(codes, np.zeros(len(best), np.int64), best, model.window, circular=False)
    shares = [np.zeros(len(sites["target"][0])), np.zeros(model.mirna_length)]
    device = resolve_device(model.device)
    of_seed = torch.from_numpy(seed[0].astype(np.int64)).to(device)
    with one_openmp_thread():
        for begin, window in zip(best, torch.from_numpy(windows.astype(np.int64)).to(device), strict=True):
            of_rnas = model.net_.module_.attribute(window, of_seed, _N_STEPS)
            of_target, of_mirna = (share.cpu().numpy() / len(best) for share in of_rnas)
            read = np.arange(begin + model.window - 1, begin - 1, -1)
            inside = (read >= 0) & (read < len(shares[0]))
            shares[0][read[inside]] += of_target[inside]
            shares[1] += of_mirna
    unknown, nothing = encode_rnas(["N" * model.window]), np.full_like(seed, FOREIGN)
    base = model.score_windows(unknown, row[:1], np.zeros((1, 1), np.int64), nothing, circular=False)
    tables = [pd.DataFrame({"rna": ["base"], "position": -1, "letter": "", "contribution": base[0]})]
    for column, share in zip(COLUMNS, shares, strict=True):
        rna = sites[column][0][: len(share)]
        first = {"rna": column, "position": np.arange(len(rna)), "letter": list(rna)}
        tables.append(pd.DataFrame({**first, "contribution": share[: len(rna)]}))
    return pd.concat(tables, ignore_index=True)
