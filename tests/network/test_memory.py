"""What a fit needs, and what it says where there is not enough."""

from unittest.mock import Mock

import numpy as np
import pytest
import torch

from sklearn_mferl import MFERLClassifier, PairTable, RNATable
from sklearn_mferl.network import InteractionHead, MFERLNetwork, encoding
from sklearn_mferl.network.memory import estimate_fit_memory

CUDA = "CUDA out of memory. Tried to allocate 20.00 GiB.\nGPU 0 has a total capacity of 79 GiB"
CPU = "[enforce fail at alloc_cpu.cpp:1] DefaultCPUAllocator: can't allocate memory: you tried to allocate"
SHORTAGES = [torch.OutOfMemoryError(CUDA), RuntimeError(CPU), MemoryError("Unable to allocate 7 GiB")]


def make_table(n_rnas, widths, propagated, n_pairs):
    rng = np.random.default_rng(0)
    sides = {}
    for side, n in n_rnas.items():
        ids = np.array([f"{side} {number}" for number in range(n)], dtype=object)
        scales, further = (
            {str(place): rng.normal(size=(n, width)).astype(np.float32) for place, width in enumerate(of)}
            for of in (widths, propagated)
        )
        sides[side] = RNATable(ids, scales, further)
    rows = np.column_stack([np.arange(n_pairs) % n for n in n_rnas.values()])  # each RNA has a pair
    return PairTable(**sides, rows=rows)


def measured_bytes(fit):
    """Return the most that torch held at a time."""
    activities = [torch.profiler.ProfilerActivity.CPU]
    with torch.profiler.profile(activities=activities, profile_memory=True) as profile:
        fit()
    events = [event for event in profile.profiler.kineto_results.events() if event.name() == "[memory]"]
    events.sort(key=lambda event: event.start_ns())
    return np.cumsum([event.nbytes() for event in events]).max()


@pytest.mark.parametrize(
    ("n_rnas", "widths", "propagated", "params"),
    [
        ((800, 320), [340, 30, 128], [340, 30, 128], {"embedding_dim": 32}),  # frozen tables
        ((900, 300), [34, 30, 12, 25], [34, 30, 12, 25], {"embedding_dim": 128}),  # layers
        ((1500, 700), [20, 10], [20], {"embedding_dim": 16, "batch_size": 2048}),  # comparisons
        ((1500, 700), [20, 10], [20], {"embedding_dim": 16, "batch_size": 1024}),
    ],
)
def test_the_estimate_is_near_the_measured_peak(n_rnas, widths, propagated, params):
    params = {"batch_size": 256, **params}
    n_rnas = dict(zip(("circrna", "mirna"), n_rnas, strict=True))
    table = make_table(n_rnas, widths, propagated, n_pairs=2048)
    model = MFERLClassifier(max_epochs=1, device="cpu", random_state=0, **params)
    measured = measured_bytes(lambda: model.fit(table, np.arange(2048) % 2))
    # on a CPU torch reads the scaled tables where numpy holds them
    measured += 4 * sum(n_rnas.values()) * (sum(widths) + sum(propagated))
    estimate = estimate_fit_memory(
        n_rnas, dict.fromkeys(n_rnas, widths), dict.fromkeys(n_rnas, propagated), n_pairs=2048, **params
    )
    assert 0.8 < estimate / measured < 1.25


@pytest.mark.parametrize("error", SHORTAGES, ids=["gpu", "cpu", "numpy"])
def test_a_fit_without_memory_names_what_to_lower(labelled_table, monkeypatch, error):
    monkeypatch.setattr(MFERLNetwork, "forward", Mock(side_effect=error))
    with pytest.raises(MemoryError, match="training the network on 8 circRNAs and 8 miRNAs") as raised:
        MFERLClassifier(embedding_dim=4, max_epochs=1, device="cpu").fit(*labelled_table)
    for parameter in ("embedding_dim", "batch_size", "n_landmarks", "device='cpu'", "GB"):
        assert parameter in str(raised.value)
    assert str(error).splitlines()[0] in str(raised.value)
    assert raised.value.__cause__ is error


@pytest.mark.parametrize(
    ("owner", "name"), [(InteractionHead, "forward"), (MFERLNetwork, "encode")], ids=["pairs", "RNAs"]
)
def test_scoring_without_memory_names_what_to_lower(labelled_table, monkeypatch, owner, name):
    model = MFERLClassifier(embedding_dim=4, max_epochs=1, device="cpu").fit(*labelled_table)
    monkeypatch.setattr(owner, name, Mock(side_effect=SHORTAGES[0]))
    with pytest.raises(MemoryError, match=r"fewer pairs at a time.*embedding_dim") as raised:
        model.predict_proba(labelled_table[0])
    assert raised.value.__cause__ is SHORTAGES[0]


def test_other_errors_stay_as_they_are(labelled_table, monkeypatch):
    error = RuntimeError("mat1 and mat2 do not fit")
    monkeypatch.setattr(encoding, "to_torch", Mock(side_effect=error))
    model = MFERLClassifier(embedding_dim=4, max_epochs=1, device="cpu")
    with pytest.raises(RuntimeError, match="do not fit"):
        model.fit(*labelled_table).predict_proba(labelled_table[0])


@pytest.fixture
def labelled_table():
    n_rnas = dict.fromkeys(("circrna", "mirna"), 8)
    return make_table(n_rnas, [6], [], n_pairs=8), np.arange(8) % 2
