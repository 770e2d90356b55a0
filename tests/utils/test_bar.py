"""Progress bars are for a terminal: nothing of them is in a file or a pipe."""

import io

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV

from sklearn_mferl import MFERLClassifier
from sklearn_mferl.baselines import PathCount, SVDFactorizer
from sklearn_mferl.cli.epoch_bar import EpochBar
from sklearn_mferl.datasets import make_cmi
from sklearn_mferl.evaluation import cross_validate_pairs, rank_hidden_pairs, show_progress
from sklearn_mferl.experiments import cv, repeated_cv
from sklearn_mferl.model_selection import PairKFold, labelled_pairs
from sklearn_mferl.ranking import rank_interactions, rank_sites
from sklearn_mferl.utils.progress import announce

DATA = make_cmi(30, 15, circrna_length=(60, 120), random_state=0)
PAIRS, Y = labelled_pairs(DATA.pairs, random_state=0)
MODELS = {"paths": PathCount()}


@pytest.fixture
def terminal():
    terminal = io.StringIO()
    terminal.isatty = lambda: True
    return terminal


def train(progress):
    numbers = np.random.default_rng(0).normal(size=(len(Y), 4))
    MFERLClassifier(max_epochs=2, embedding_dim=4, callbacks=[EpochBar()] if progress else None).fit(
        numbers, Y
    )


def rank(progress):
    ids = (sorted(set(PAIRS[side])) for side in ("circrna", "mirna"))
    rank_interactions(PathCount().fit(PAIRS, Y), *ids, progress=progress)


def find_sites(progress):
    circrna, mirna = (dict([*rnas.items()][:2]) for rnas in (DATA.circrna, DATA.mirna))
    rank_sites(circrna, mirna, top_k=3, min_probability=0.01, progress=progress)


@pytest.mark.parametrize(
    ("words", "work"),
    [
        (
            "fold 2 of 2, paths",
            lambda shown: cross_validate_pairs(MODELS, PAIRS, Y, n_splits=2, progress=shown),
        ),
        ("pair/s", lambda shown: rank_hidden_pairs(MODELS, DATA.pairs, progress=shown)),
        ("pair/s", rank),
        ("cv:", lambda shown: cv(DATA, models=MODELS, n_splits=2, progress=shown)),
        ("/4", lambda shown: repeated_cv(DATA, models=MODELS, n_splits=2, n_repeats=2, progress=shown)),
        ("training", train),
        ("a minute", lambda shown: shown and announce("a minute")),
        ("finding and refining", find_sites),
    ],
)
def test_a_bar_is_shown_on_a_terminal_and_nowhere_else(words, work, terminal, monkeypatch, capsys):
    work(True)
    assert capsys.readouterr() == ("", "")  # which is no terminal
    monkeypatch.setattr("sys.stderr", terminal)
    work(False)
    assert terminal.getvalue() == ""
    work(True)
    assert all(each in terminal.getvalue() for each in words.split(" and "))
    assert capsys.readouterr().out == ""


def test_a_search_shows_its_progress_on_a_terminal_and_nowhere_else(terminal, monkeypatch, capsys):
    pytest.importorskip("sklearn.callback", reason="scikit-learn before 1.9 has no bar")
    pytest.importorskip("rich")
    search = GridSearchCV(
        SVDFactorizer(random_state=0), {"n_components": [1, 2]}, cv=PairKFold(2, random_state=0)
    )
    show_progress(clone(search)).fit(PAIRS, Y)
    assert capsys.readouterr() == ("", "")
    monkeypatch.setattr("sys.stdout", terminal)
    show_progress(clone(search)).fit(PAIRS, Y)
    assert "GridSearchCV" in terminal.getvalue()
