"""Training in mixed precision, compiled, and beside other threads."""

import pickle
from functools import partial

import joblib
import numpy as np
import pytest
import torch
from skorch.callbacks import Callback

from sklearn_mferl import MFERLClassifier
from sklearn_mferl.inspection import EmbeddingSnapshots

SMALL = {"embedding_dim": 16, "max_epochs": 3, "device": "cpu", "random_state": 0}


@pytest.fixture
def dtypes(monkeypatch):
    """Note in what precision the layers of any network compute while it is trained."""
    found = set()
    forward = torch.nn.Linear.forward

    def note(layer, x):
        result = forward(layer, x)
        if layer.training:
            found.add(result.dtype)
        return result

    monkeypatch.setattr(torch.nn.Linear, "forward", note)
    return found


@pytest.fixture
def no_compiler(monkeypatch):
    """Have torch trace the network as ever, and leave out the C++ compiler, which takes a minute."""
    calls = []

    def compile_without(module, **kwargs):
        calls.append(module)
        return partial(torch_compile, backend="aot_eager")(module, **kwargs)

    torch_compile = torch.compile
    monkeypatch.setattr(torch, "compile", compile_without)
    yield calls
    torch.compiler.reset()


def test_mixed_precision_is_of_the_products_in_training_and_learns_about_the_same(table, y, dtypes):
    plain = MFERLClassifier(**SMALL).fit(table, y)
    assert dtypes == {torch.float32}
    mixed = MFERLClassifier(mixed_precision=True, **SMALL).fit(table, y)
    assert dtypes == {torch.bfloat16, torch.float32}
    for model in (plain, mixed):
        assert {weights.dtype for weights in model.net_.module_.parameters()} == {torch.float64}
    scores, expected = mixed.decision_function(table), plain.decision_function(table)
    assert not np.array_equal(scores, expected)
    assert np.corrcoef(scores, expected)[0, 1] > 0.99
    assert mixed.history_[-1, "train_loss"] == pytest.approx(plain.history_[-1, "train_loss"], rel=0.05)


@pytest.mark.filterwarnings(
    "ignore:The .grad attribute of a Tensor that is not a leaf:UserWarning"
)  # by tracing
def test_a_compiled_network_learns_the_same_and_is_saved_and_shown_as_any(table, y, no_compiler):
    params = {**SMALL, "early_stopping": True, "batch_size": len(y)}  # of one size: another is traced anew
    expected = MFERLClassifier(**params).fit(table, y).predict_proba(table)
    assert not no_compiler
    snapshots = EmbeddingSnapshots(epochs=(1, 3))
    model = MFERLClassifier(compile=True, callbacks=[snapshots], **params).fit(table, y)
    assert no_compiler
    np.testing.assert_allclose(model.predict_proba(table), expected, atol=1e-4)
    restored = pickle.loads(pickle.dumps(model))
    np.testing.assert_array_equal(restored.predict_proba(table), model.predict_proba(table))
    assert model.transform(table).shape[0] == len(y)
    assert len(EmbeddingSnapshots.of(model).snapshots_) > 0


class OtherThread(Callback):
    """Does to torch's generator at every turn what another thread might do at any time."""

    def on_train_begin(self, net, **kwargs):
        torch.manual_seed(torch.initial_seed() + 1)

    def on_batch_begin(self, net, **kwargs):
        torch.rand(7)

    on_epoch_begin = on_epoch_end = on_grad_computed = on_train_begin


def test_a_fit_neither_reads_nor_moves_the_generators_of_the_process(table, y):
    params = {**SMALL, "early_stopping": True}
    before = torch.get_rng_state(), np.random.get_state()[1].copy()  # noqa: NPY002, read only
    expected = MFERLClassifier(**params).fit(table, y).decision_function(table)
    assert torch.equal(torch.get_rng_state(), before[0])
    np.testing.assert_array_equal(np.random.get_state()[1], before[1])  # noqa: NPY002, read only
    disturbed = MFERLClassifier(**params, callbacks=[OtherThread()]).fit(table, y)
    torch.set_rng_state(before[0])
    np.testing.assert_array_equal(disturbed.decision_function(table), expected)


def test_fits_in_threads_are_those_one_after_the_other(table, y):

    def scores(seed):
        torch.set_num_threads(1)  # holds for a thread
        return MFERLClassifier(**{**SMALL, "random_state": seed}).fit(table, y).decision_function(table)

    calls = [joblib.delayed(scores)(seed) for seed in (0, 1, 0, 1)]
    together = joblib.Parallel(n_jobs=4, backend="threading")(calls)
    np.testing.assert_array_equal(together, 2 * [scores(0), scores(1)])
