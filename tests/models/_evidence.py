"""Pairs whose evidence tells the label, of known and of new RNAs alike."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from sklearn_mferl import PairTable, RNATable

N = 200
NEW = RNATable(np.array(["new"], dtype=object), {}, {})


def make_table(n_background=0):
    """Return pairs whose first column tells the label of known pairs, the second that of new ones."""
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 2, N)
    side = RNATable(np.array([f"rna{i:03d}" for i in range(N)], dtype=object), {}, {})
    signal = (labels + rng.normal(0, 0.1, N)).astype(np.float32)
    nothing = np.full(N, np.nan, dtype=np.float32)
    evidence = {"some": np.column_stack([signal, rng.normal(size=N).astype(np.float32), nothing])}
    as_new = np.column_stack([nothing, signal, nothing])
    rows = np.column_stack([np.arange(N)] * 2)
    # every RNA has a known interaction
    partner = np.roll(np.flatnonzero(labels == 1), 1)
    rows[labels == 0, 1] = np.resize(partner, (labels == 0).sum())
    rows[labels == 0, 0] = np.resize(partner[::-1], (labels == 0).sum())
    background = None
    if n_background:
        far = rng.normal(0, 0.1, (n_background, 3)).astype(np.float32)
        background = PairTable(side, side, np.zeros((n_background, 2), dtype=np.int64), {"some": far})
    return PairTable(side, side, rows, evidence, {"some": np.stack([as_new] * 3)}, background), labels


def new(table):
    """Return the pairs as they look between new RNAs, and under other ids."""
    rows = np.zeros((len(table), 2), dtype=np.int64)
    return replace(table.as_new(3), circrna=NEW, mirna=NEW, rows=rows)
