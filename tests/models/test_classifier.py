"""The classifier: its parameters, what it is fitted on, its training, and what is left of it."""

import pickle
import tracemalloc

import numpy as np
import pandas as pd
import pytest
import sklearn
from _networks import SCALES
from _networks import small_network as small
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.utils.class_weight import compute_sample_weight
from sklearn.utils.estimator_checks import parametrize_with_checks
from skorch.callbacks import Callback, EarlyStopping

from sklearn_mferl import KmerTransformer, MFERLClassifier, PairFeatures
from sklearn_mferl.models.training_data import looks_like_pairs
from sklearn_mferl.testing import rna_checks


@pytest.fixture(scope="module")
def model(table, y):
    return small().fit(table, y)


@pytest.fixture(scope="module")
def plain_scores(model, table):
    return model.decision_function(table)


# Parameters -----------------------------------------------------------------------------------------------

OUT_OF_RANGE = {
    "embedding_dim": [0, 2.5],
    "lr": [0, -1.0, "fast"],
    "max_epochs": [0, 1.5],
    "batch_size": [0, 2.5, "large"],
    "temperature": [0],
    "contrastive_weight": [-1e-9],
    "contrastive_balance": [-1],
    "weight_decay": [-1e-9],
    "dropout": [1.0, -0.1],
    "validation_fraction": [0, 1.0],
    "n_iter_no_change": [0],
    "homogeneous": ["aggregate"],
    "attention": [True, "channel"],
    "lr_schedule": [None, []],
    "device": ["nonsense"],
}


@pytest.mark.parametrize(
    ("name", "value"), [(name, value) for name, values in OUT_OF_RANGE.items() for value in values]
)
def test_a_parameter_out_of_range_is_named_with_its_value(table, y, name, value):
    with pytest.raises(ValueError, match=f"^{name} must be ") as error:
        small(**{name: value}).fit(table, y)
    assert str(error.value).endswith(f"got {value!r}.")


def test_the_number_of_circrna_columns_is_half_unless_given():
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(30, 6)), np.arange(30) % 2
    half, given = (small(n_circrna_features=n).fit(X, y).decision_function(X) for n in (None, 3))
    np.testing.assert_array_equal(half, given)
    other = small(n_circrna_features=4).fit(X, y)
    assert other.scalers_["circrna"].scales["features"].n_features_in_ == 4
    assert other.scalers_["mirna"].scales["features"].n_features_in_ == 2
    for wrong in (0, 6, -1):
        with pytest.raises(ValueError, match=f"n_circrna_features must be from 1 to 5, .* got {wrong}"):
            small(n_circrna_features=wrong).fit(X, y)


# What X may be --------------------------------------------------------------------------------------------


def test_pairs_of_sequences_are_given_the_default_features_with_a_seed(sequences, y):
    model = small().fit(sequences, y)
    assert list(model.features_.scales_["circrna"]) == ["kmer", "ctd", "doc2vec", "role2vec", "similarity"]
    other = small(random_state=1).fit(sequences, y).features_.transform(sequences).circrna.scales
    table = model.features_.transform(sequences)
    assert not np.array_equal(table.circrna.scales["doc2vec"], other["doc2vec"])
    expected = small().fit(table, y).decision_function(table)
    np.testing.assert_array_equal(model.decision_function(sequences), expected)


@pytest.mark.parametrize("make", [np.asarray, pd.DataFrame])
def test_no_object_is_made_of_each_number_of_a_matrix(make):
    matrix = make(np.zeros((20_000, 20)))
    tracemalloc.start()
    try:
        assert not looks_like_pairs(matrix)
        assert tracemalloc.get_traced_memory()[1] < 100_000
    finally:
        tracemalloc.stop()


def test_a_model_of_features_refuses_pairs(table, y, sequences):
    model = small(max_epochs=1).fit(sequences, y)
    for X in (table, np.random.default_rng(0).normal(size=(len(y), 4))):
        model.fit(X, y)
        assert not hasattr(model, "features_")  # of the fit before
        with pytest.raises(ValueError, match="fitted on features, not on pairs of sequences"):
            model.predict(sequences)


def test_the_scales_of_a_table_are_told_by_name(data, labelled, model, plain_scores):
    def table(scales):
        return PairFeatures(data.circrna, data.mirna, scales).fit_transform(labelled[0])

    np.testing.assert_array_equal(model.decision_function(table(SCALES[::-1])), plain_scores)
    for scales, missing in ((SCALES[1:], "kmer"), ([*SCALES, ("dimer", KmerTransformer(k=2))], "dimer")):
        with pytest.raises(ValueError, match=missing):
            model.predict(table(scales))


def test_no_pairs_give_no_scores(model, table):
    assert model.predict_proba(table[:0]).shape == (0, 2)


def test_frames_as_the_output_of_scikit_learn_s_transformers_change_nothing(
    table, y, sequences, plain_scores
):
    with sklearn.config_context(transform_output="pandas"):
        np.testing.assert_array_equal(small().fit(table, y).decision_function(table), plain_scores)
        assert small().fit(sequences, y).predict(sequences).shape == y.shape


# Training -------------------------------------------------------------------------------------------------


def test_the_history_has_a_line_an_epoch(model):
    assert model.history_ is model.net_.history
    assert [line["epoch"] for line in model.history_] == [1, 2]
    assert np.isfinite(model.history_[:, "train_loss"]).all()


def test_training_lowers_the_loss_and_can_learn_the_training_pairs(table, y):
    model = small(embedding_dim=16, max_epochs=60, dropout=0.0).fit(table, y)
    losses = model.history_[:, "train_loss"]
    assert losses[-1] < 0.5 * losses[0]
    assert model.score(table, y) > 0.9


def test_early_stopping_stops_and_keeps_the_best_weights(table, y):
    params = {"embedding_dim": 16, "lr": 0.05, "dropout": 0.0, "lr_schedule": "constant"}
    params |= {"early_stopping": True, "validation_fraction": 0.3}
    model = small(**params, max_epochs=200, n_iter_no_change=3).fit(table, y)
    losses = model.history_[:, "valid_loss"]
    assert len(losses) < 200
    assert np.argmin(losses) == len(losses) - 1 - 3
    # the same, trained for as long as the best epoch, has the same weights
    best = small(**params, max_epochs=int(np.argmin(losses)) + 1, n_iter_no_change=300).fit(table, y)
    np.testing.assert_array_equal(model.decision_function(table), best.decision_function(table))


@pytest.mark.parametrize("class_weight", [{0: 1.0, 1: 5.0}, "balanced"])
def test_class_weights_are_sample_weights(table, y, class_weight):
    rows = np.flatnonzero((y == 0) | (np.cumsum(y) <= 5))
    part, labels = table[rows], y[rows]
    by_class = small(class_weight=class_weight).fit(part, labels)
    by_pair = small().fit(part, labels, sample_weight=compute_sample_weight(class_weight, labels))
    np.testing.assert_array_equal(by_class.decision_function(part), by_pair.decision_function(part))


@pytest.mark.parametrize(
    ("of_positives", "of_negatives", "message"),
    [(1.0, 0.0, "Every pair of one class has sample_weight 0"), (1.0, -1.0, r"[Nn]egative")],
)
def test_weights_without_meaning_are_refused(table, y, of_positives, of_negatives, message):
    with pytest.raises(ValueError, match=message):
        small().fit(table, y, sample_weight=np.where(y == 1, of_positives, of_negatives))


@pytest.mark.slow
@pytest.mark.parametrize("form", ["table", "sequences", "matrix"])
def test_a_pair_of_weight_0_is_absent_whatever_is_fitted(table, sequences, y, form):
    X = {
        "table": table,
        "sequences": sequences.to_numpy(dtype=object),
        "matrix": np.random.default_rng(0).normal(size=(len(y), 6)),
    }[form]
    model = small(batch_size="auto", early_stopping=True, class_weight="balanced")
    weights = np.where(np.arange(len(y)) % 3 == 0, 0.0, 1.0)
    scores = clone(model).fit(X, y, sample_weight=weights).decision_function(X)
    absent = clone(model).fit(X[weights > 0], y[weights > 0]).decision_function(X)
    np.testing.assert_array_equal(scores, absent)


def test_verbose_prints_a_table_of_epochs_and_nothing_is_printed_without(table, y, capsys):
    small(early_stopping=True).fit(table, y)
    assert capsys.readouterr() == ("", "")
    small(early_stopping=True, verbose=1).fit(table, y)
    assert "train_loss" in capsys.readouterr().out


# Randomness -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", [np.random.RandomState, np.random.default_rng])
def test_the_random_state_decides_the_model(table, y, seed):
    models = [small(random_state=seed(n)).fit(table, y) for n in (0, 0, 1)]
    first, again, other = (model.decision_function(table) for model in models)
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


def test_without_a_random_state_every_fit_is_another(table, y):
    first, other = (small(random_state=None).fit(table, y).decision_function(table) for _ in range(2))
    assert not np.array_equal(first, other)


def test_a_batch_is_at_most_a_twelfth_of_the_pairs_unless_its_size_is_given(table, y):
    n_pairs = len(np.unique(table.rows, axis=0))
    for batch_size, largest in (("auto", -(-n_pairs // 12)), (7, 7)):
        model = small(batch_size=batch_size).fit(table, y)
        assert "valid_loss" not in model.history_[-1]  # without early stopping no pair is held out
        sizes = [batch["train_batch_size"] for batch in model.history_[0]["batches"]]
        assert sum(sizes) == n_pairs
        assert max(sizes) == largest


@pytest.mark.parametrize("early_stopping", [False, True])
def test_a_saved_model_holds_no_training_rnas(early_stopping):
    sizes = []
    for n_pairs in (100, 1000):
        X, y = np.random.default_rng(0).normal(size=(n_pairs, 40)), np.arange(n_pairs) % 2
        sizes.append(len(pickle.dumps(small(early_stopping=early_stopping, batch_size=n_pairs).fit(X, y))))
    assert sizes[1] == pytest.approx(sizes[0], abs=2000)  # 900 more RNAs a side would take 280,000


# In company -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("params", "check"),
    [
        ({"class_weight": "balanced"}, "check_weight_two_equals_repetition"),
        ({"callbacks": [("stop", EarlyStopping(monitor="train_loss"))]}, "check_fit_leaves_parameters_alone"),
        ({"callbacks": [EarlyStopping(monitor="train_loss")]}, "check_clone_is_not_fitted"),
    ],
)
def test_the_checks_that_a_parameter_might_break_pass_with_it(params, check):
    dict(rna_checks(small(**params), "classifier"))[check]()


@pytest.mark.parametrize("n_pairs", [24, 25, 29, 31])  # 8 to 11 steps, the last ones of one to three pairs
def test_any_number_of_steps_has_a_schedule(table, y, n_pairs):
    rows = np.r_[np.flatnonzero(y == 1)[: n_pairs // 2], np.flatnonzero(y == 0)[: n_pairs - n_pairs // 2]]
    small(max_epochs=1, batch_size=3).fit(table[rows], y[rows])


class Interrupt(Callback):
    """Stands for Ctrl-C, wherever it comes."""

    def __init__(self, moment, epoch):
        self.moment = moment
        self.epoch = epoch

    def interrupt(self, net, moment):
        if (self.moment, self.epoch) == (moment, len(net.history)):
            raise KeyboardInterrupt

    def on_batch_begin(self, net, **kwargs):
        self.interrupt(net, "batch")

    def on_epoch_end(self, net, **kwargs):
        self.interrupt(net, "deep in the end of an epoch")
        if (self.moment, self.epoch) == ("wish", len(net.history)):
            raise KeyboardInterrupt


@pytest.mark.parametrize("moment", ["batch", "deep in the end of an epoch"])
@pytest.mark.parametrize("epoch", [1, 2])
def test_ctrl_c_is_never_swallowed_and_leaves_no_fitted_model(table, y, moment, epoch):
    model = small(max_epochs=3).fit(table, y)
    with pytest.raises(KeyboardInterrupt):
        model.set_params(callbacks=[Interrupt(moment, epoch)]).fit(table, y)
    with pytest.raises(NotFittedError):
        model.predict(table)


def test_a_callback_may_stop_at_the_end_of_an_epoch_as_skorch_says_and_have_a_name(table, y):
    stopping = EarlyStopping(monitor="train_loss", patience=1, threshold=10, sink=len)
    for callback in (Interrupt("wish", 2), ("stop", stopping)):
        assert len(small(max_epochs=5, callbacks=[callback]).fit(table, y).history_) == 2


def test_features_that_fail_to_fit_again_are_not_fitted(data, labelled):
    features = PairFeatures(data.circrna, data.mirna, SCALES).fit(labelled[0])
    features.set_params(scales=[*SCALES, ("wrong", KmerTransformer(k=-1))])
    with pytest.raises(ValueError, match="k must"):
        features.fit(labelled[0])
    with pytest.raises(NotFittedError):
        features.transform(labelled[0])


# small, and one step an epoch, as strong as the checks ask for: there are 64 of them
@pytest.mark.slow
@parametrize_with_checks([MFERLClassifier(32, batch_size=512, max_epochs=8, lr=0.03)])
def test_scikit_learn_s_checks_pass(estimator, check, monkeypatch):
    # Without it scikit-learn skips its check of array API input: then all run, and none is expected to fail.
    monkeypatch.setenv("SCIPY_ARRAY_API", "1")
    check(estimator)
