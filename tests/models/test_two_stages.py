"""Along a target the two stages find what the network alone finds when it reads every window."""

from itertools import pairwise

import numpy as np
import pytest
from _builders import every_pair, random_rna

from sklearn_mferl import SiteClassifier
from sklearn_mferl.datasets import load_example
from sklearn_mferl.features.rna_codes import encode_rnas
from sklearn_mferl.models.sites.along_target import Peaks, list_peaks, refine_peaks
from sklearn_mferl.models.sites.letters import window_starts
from sklearn_mferl.models.sites.scan import scan_targets
from tests.models._sites import small_model


def read_every_window(model, target, mirnas):
    """Return scores of sites, shape (n_mirnas, length of the circle): means of windows at three places."""
    codes, mirnas = encode_rnas([target]).codes, encode_rnas(mirnas).first_letters(20)
    scores = np.empty((len(mirnas), len(target)))
    for shift in range(8):
        starts = (window_starts(len(target), 50, 8, circular=True) + shift) % len(target)
        scores[:, starts] = scan_targets(model, [np.roll(codes, -shift)], mirnas, circular=True)[0]
    return np.mean([np.roll(scores, place, axis=1) for place in (-3, 0, 3)], axis=0)


def around(a, b, length):
    return min(abs(a - b), length - abs(a - b))


@pytest.mark.slow
def test_the_best_site_is_that_of_the_network_alone():
    """Where it says p ≥ .5, in at least 99 of 100 pairs; a grid of every eighth window has four of five."""
    example, model = load_example(), SiteClassifier.pretrained()
    targets = [rna for rna in example.circrna.values() if 200 < len(rna) < 600][:9]
    mirnas = [*example.mirna.values()][::16]
    pairs = every_pair(targets, mirnas, circular=True)
    found = refine_peaks(model, pairs, list_peaks(model, pairs, -1.0))
    first = dict(zip(found.pair[::-1].tolist(), found.start[::-1].tolist(), strict=True))
    same = []
    for number, target in enumerate(targets):
        scores = read_every_window(model, target, mirnas)
        for row in np.flatnonzero(scores.max(axis=1) >= 0):
            start = first[number * len(mirnas) + row]
            same.append(around(start, scores[row].argmax(), len(target)) < 24)
    assert len(same) > 200
    assert np.mean(same) >= 0.99


@pytest.mark.parametrize("circular", [True, False])
@pytest.mark.parametrize("length", [30, 50, 51, 60, 300])
def test_a_refined_peak_is_the_best_window_within_eight_nucleotides(length, circular):
    rng = np.random.default_rng(length)
    targets, mirnas = [random_rna(length, rng)], [random_rna(22, rng) for _ in range(12)]
    pairs = every_pair(targets, mirnas, circular)
    peaks = list_peaks(small_model(), pairs, -np.inf)
    found = refine_peaks(small_model(), pairs, peaks)
    assert set(found.pair) == set(range(12))
    for pair in range(12):
        (rows,) = np.nonzero(found.pair == pair)
        assert (np.diff(found.logit[rows]) <= 0).all()
        for a, b in pairwise(sorted(found.start[rows])):
            assert (around(a, b, length) if circular else b - a) >= 24
        if length <= 50:
            assert found.logit[rows][0] == peaks.logit[peaks.pair == pair].max()
        if length <= 50 or not circular:
            continue
        scores = read_every_window(small_model(), targets[0], mirnas[pair : pair + 1])[0]
        starts = found.start[rows]
        np.testing.assert_allclose(found.logit[rows], scores[starts], atol=1e-5)
        coarse = peaks.start[peaks.pair == pair]
        best = [max(scores[(start + d) % length] for d in range(-8, 9)) for start in coarse]
        assert found.logit[rows][0] == pytest.approx(max(best), abs=1e-5)


def test_of_equal_windows_the_one_that_was_scanned_stays():
    pairs = every_pair(["A" * 200], ["UGAGGUAGUAGGUUGUAUAGUU"], circular=True)
    peaks = Peaks(np.array([0, 0]), np.array([40, 120]), np.zeros(2))
    np.testing.assert_array_equal(refine_peaks(small_model(), pairs, peaks).start, [40, 120])
