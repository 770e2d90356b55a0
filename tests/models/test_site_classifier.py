"""The classifier of sites: what it learns and reads, and that along a target it finds the best windows."""

import json
import shutil
from itertools import pairwise, product

import numpy as np
import pandas as pd
import pytest
import torch
from _builders import every_pair, random_rna
from _rna_strings import reverse_complement, target_letter
from sklearn.metrics import roc_auc_score

from sklearn_mferl import SiteClassifier, train_sites
from sklearn_mferl.datasets import load_example
from sklearn_mferl.features.rna_codes import encode_rnas
from sklearn_mferl.models.sites import pretrained
from sklearn_mferl.models.sites.along_target import Peaks, find_peaks, list_peaks, refine_peaks
from sklearn_mferl.models.sites.dealt_sites import DealtSites
from sklearn_mferl.models.sites.letters import encode_mirnas, window_starts
from sklearn_mferl.models.sites.scan import scan_targets
from sklearn_mferl.network.sites.site_network import SiteNetwork
from tests.models._sites import SMALL, planted_sites, small_model

LET7 = "UGAGGUAGUAGGUUGUAUAGUU"


@pytest.fixture(scope="module")
def trained():
    return SiteClassifier(**{**SMALL, "max_epochs": 12, "batch_size": 64}).fit(*planted_sites(1200))


@pytest.mark.slow
def test_it_learns_a_rule_that_holds_for_other_targets(trained):
    sites, y = planted_sites(300, seed=1)
    other_mirnas = np.random.default_rng(0).permutation(sites["mirna"])
    assert roc_auc_score(y, trained.decision_function(sites)) > 0.9
    assert roc_auc_score(y, trained.decision_function(sites.assign(mirna=other_mirnas))) < 0.65


def test_the_network_convolves_the_codes_of_all_pairs_of_letters():
    network = SiteNetwork(50, 20, (4, 4, 4), 8, 0.0).eval()
    target, mirna = torch.randint(0, 5, (3, 50)), torch.randint(0, 5, (3, 20))
    table = network.code[target.unsqueeze(2) * 5 + mirna.unsqueeze(1)].permute(0, 3, 1, 2)
    table = torch.nn.functional.conv2d(table, network.kernel, padding=(0, 2))
    for block in network.blocks:
        table = block(table)
    hidden = torch.relu(network.hidden(table.flatten(start_dim=1)))
    expected = network.output(hidden).squeeze(1)
    torch.testing.assert_close(network((target, mirna)), expected)


@pytest.fixture(scope="module")
def read_at_one_place():
    return SiteClassifier(**SMALL, shift=0).fit(*planted_sites(40))


@pytest.mark.parametrize("circular", [True, False])
@pytest.mark.parametrize("length", [1, 3, 30, 49, 50, 51, 57, 58, 59, 120, 333])
def test_a_scan_scores_every_eighth_window(read_at_one_place, length, circular):
    rng = np.random.default_rng(length)
    model = read_at_one_place
    target, mirnas = random_rna(length, rng), [random_rna(22, rng) for _ in range(20)]
    starts = window_starts(length, 50, 8, circular)
    codes = encode_mirnas(pd.Series(mirnas), 20)
    (scores,) = scan_targets(model, [encode_rnas([target]).codes], codes, circular)
    assert scores.shape == (20, len(starts))
    n_letters = min(50, length) if circular else 50
    letters = [[target_letter(target, start + i, circular) for i in range(n_letters)] for start in starts]
    windows = ["".join(window).replace("-", "N") for window in letters]
    expected = model.decision_function(list(product(windows, mirnas))).reshape(len(starts), 20).T
    np.testing.assert_allclose(scores, expected, atol=1e-5)
    if not circular:
        whole = model.decision_function([(target, mirna) for mirna in mirnas])
        np.testing.assert_allclose(scores.max(axis=1), whole, atol=1e-5)


@pytest.mark.parametrize("circular", [True, False])
def test_targets_are_scanned_together_as_one_by_one(circular):
    """With words that recur and letters that are not known; of some targets too few windows for a block."""
    rng = np.random.default_rng(0)
    targets = [random_rna(length, rng) for length in (57, 30, 58, 900, 51, 64, 10_000)] + ["ACGUNN" * 50]
    targets = [encode_rnas([target]).codes for target in targets]
    mirnas = encode_mirnas(pd.Series([random_rna(22, rng) for _ in range(3)]), 20)
    model = SiteClassifier.pretrained()
    together = scan_targets(model, targets, mirnas, circular)
    for target, scores in zip(targets, together, strict=True):
        (expected,) = scan_targets(model, [target], mirnas, circular)
        np.testing.assert_allclose(scores, expected, atol=1e-5)


@pytest.mark.parametrize("circular", [True, False])
def test_every_nucleotide_lies_in_a_window(circular):
    for length in range(1, 200):
        seen = set()
        for start in window_starts(length, 50, 8, circular):
            inside = range(start, start + min(50, length) if circular else start + 50)
            seen |= {i % length for i in inside if circular or 0 <= i < length}
        assert seen == set(range(length))


@pytest.mark.parametrize("circular", [True, False])
def test_peaks_are_the_best_within_24_nucleotides(circular):
    rng = np.random.default_rng(0)
    logits = rng.integers(0, 4, (30, 40)).astype(float)  # with many ties
    for row, found in zip(logits, find_peaks(logits, circular), strict=True):
        places = np.flatnonzero(found)
        assert row[places].max() == row.max()
        gaps = np.diff([*places, places[0] + 40] if circular else places)
        assert not len(gaps) or gaps.min() >= 3
        for place in places:
            near = [(place + d) % 40 if circular else place + d for d in (-2, -1, 1, 2)]
            assert row[place] >= max(row[i] for i in near if 0 <= i < 40)


def test_dealt_negatives_have_the_mirnas_of_the_positives_and_no_bound_seed():
    sites, y = planted_sites(400)
    mirnas = encode_mirnas(sites["mirna"], 20)
    places = 100 * np.arange(400)[:, None] + np.arange(56)  # for letters, to tell what is read
    data = DealtSites(sites, places, mirnas, y, np.ones(400), shift=3, dealt_share=1.0, seed=0)
    bound = set(zip(sites["target"][y == 1], map(bytes, mirnas[y == 1, 1:7]), strict=True))
    drawn = []
    for _ in range(40):
        (target, mirna), answers = data[np.flatnonzero(y == 0)]
        assert not answers[:, 0].any()
        rows, first = np.divmod(target[:, 0].numpy(), 100)
        assert set(first) == set(range(7))
        np.testing.assert_array_equal(target, places[rows[:, None], first[:, None] + np.arange(50)])
        letters = mirna.numpy().astype(np.uint8)
        assert bound.isdisjoint(zip(sites["target"][rows], map(bytes, letters[:, 1:7]), strict=True))
        drawn += map(bytes, letters)
    shares, expected = (
        pd.Series(list(each)).value_counts(normalize=True) for each in (drawn, map(bytes, mirnas[y == 1]))
    )
    assert (shares - expected).abs().max() < 0.03


@pytest.mark.slow
def test_the_frequency_of_a_mirna_is_not_learned_where_negatives_are_dealt():
    """With negatives as given, a miRNA that only positives have is scored up; dealt anew, it is not."""
    rng = np.random.default_rng(0)
    frequent, others = random_rna(22, rng), [random_rna(22, rng) for _ in range(10)]
    # three of five positives are of one miRNA that no negative has
    rows = [
        (random_rna(50, rng), frequent if i % 2 and i % 5 < 3 else others[i // 2 % 10]) for i in range(600)
    ]
    new = [random_rna(50, rng) for _ in range(100)]
    gaps = []
    for share in (0.0, 1.0):
        model = SiteClassifier(**{**SMALL, "max_epochs": 8}, dealt_share=share).fit(rows, np.arange(600) % 2)
        scores = [model.decision_function([(t, m) for t in new]).mean() for m in (frequent, others[0])]
        gaps.append(scores[0] - scores[1])
    assert gaps[0] > 2 > abs(gaps[1]) * 4


def test_columns_may_be_of_circrnas_and_others_are_named():
    model, (sites, _) = small_model(), planted_sites(4)
    scores = model.decision_function(sites)
    renamed = sites.rename(columns={"target": "circrna"})[["mirna", "circrna"]]
    np.testing.assert_array_equal(model.decision_function(renamed), scores)
    with pytest.raises(ValueError, match="no column 'target'"):
        model.predict(sites.rename(columns={"target": "gene"}))
    with pytest.raises(ValueError, match="row 1, column 'mirna', has the letter 'X'"):
        model.predict([("ACGU", "ACGU"), ("ACGU", "ACX")])
    with pytest.raises(ValueError, match="channels must be three whole numbers"):
        SiteClassifier(channels=(4, 4)).fit(sites, [0, 1, 0, 1])


def test_the_model_that_comes_with_the_package_knows_a_seed():
    model = SiteClassifier.pretrained()
    bound, other = "AACUAUACAACCUACUACCUCAGCAGCC", "GGCUCAGCAGGAACAGGAUUCCUCGAAA"
    probabilities = model.predict_proba([(bound, LET7), (other, LET7)])[:, 1]
    assert probabilities[0] > 0.9
    assert probabilities[1] < 0.5
    assert sum(path.stat().st_size for path in pretrained.FOLDER.iterdir()) < 2_000_000


def test_weights_are_written_and_read_and_damaged_ones_are_refused(tmp_path, monkeypatch):
    sites, y = planted_sites(40)
    model = train_sites.train_sites(sites.assign(label=y), **SMALL)
    pretrained.save_weights(model, tmp_path, {"n_sites": 40})
    monkeypatch.setattr("sklearn_mferl.models.sites.site_classifier.FOLDER", tmp_path)
    again = SiteClassifier.pretrained()
    np.testing.assert_array_equal(again.decision_function(sites), model.decision_function(sites))
    arrays, card = tmp_path / "sites.safetensors", tmp_path / "sites.json"
    content = arrays.read_bytes()
    arrays.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    with pytest.raises(ValueError, match=r"sites\.safetensors is damaged: .*train_sites"):
        SiteClassifier.pretrained()
    other_format = json.dumps({**json.loads(card.read_text()), "format": 2})
    for text, message in ((other_format, "not of format 1"), ("{", "is damaged"), ("[]", "not of format 1")):
        card.write_text(text)
        with pytest.raises(ValueError, match=message):
            SiteClassifier.pretrained()
    shutil.rmtree(tmp_path)
    with pytest.raises(ValueError, match="no weights in"):
        SiteClassifier.pretrained()


def test_the_program_that_trains_repeats_its_weights(tmp_path, monkeypatch, capsys):
    sites, y = planted_sites(40)
    sites = sites.add_suffix("_sequence").assign(label=y)
    sites.to_csv(tmp_path / "sites.csv", index=False)
    written = []
    for number in range(2):
        out = tmp_path / str(number)
        words = ["--sites", str(tmp_path / "sites.csv"), "--out", str(out), "--epochs", "1"]
        monkeypatch.setattr("sys.argv", ["train_sites", *words])
        train_sites.main()
        written.append((out / "sites.safetensors").read_bytes())
    assert written[0] == written[1]
    assert "Wrote" in capsys.readouterr().out


@pytest.mark.parametrize("length", [9, 50, 77])
def test_contributions_add_up_to_the_score(length):
    rng = np.random.default_rng(length)
    model = SiteClassifier.pretrained().set_params(prevalence=0.2)
    target = random_rna(length, rng)
    rows = model.contributions(target, LET7)
    assert rows["contribution"].sum() == pytest.approx(model.decision_function([(target, LET7)])[0], abs=0.1)
    for name, rna in (("target", target), ("mirna", LET7[:20])):
        own = rows[rows["rna"] == name]
        assert "".join(own["letter"]) == rna
        assert own["position"].tolist() == list(range(len(rna)))


@pytest.mark.slow
def test_contributions_find_the_rule_that_was_planted(trained):
    sites, y = planted_sites(20, seed=1)
    shares = []
    for target, mirna in sites[y == 1].to_numpy():
        rows = trained.contributions(target, mirna)
        of_target, of_mirna = (rows.loc[rows["rna"] == rna, "contribution"].to_numpy() for rna in sites)
        place = target.index(reverse_complement(mirna[1:8]))
        inside = of_target[place : place + 7].sum() + of_mirna[1:8].sum()
        shares.append(inside / (of_target.sum() + of_mirna.sum()))
    assert np.median(shares) > 0.6


# Along a target the two stages find what the network alone finds when it reads every window ---------------


def read_every_window(model, target, mirnas):
    """Return scores of sites, shape (n_mirnas, length of the circle): means of windows at three places."""
    codes, mirnas = encode_rnas([target]).codes, encode_rnas(mirnas).first_letters(20)
    scores = np.empty((len(mirnas), len(target)))
    for shift in range(8):
        starts = (window_starts(len(target), 50, 8, circular=True) + shift) % len(target)
        scores[:, starts] = scan_targets(model, [np.roll(codes, -shift)], mirnas, circular=True)[0]
    return np.mean([np.roll(scores, place, axis=1) for place in (-3, 0, 3)], axis=0)


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
            apart = abs(first[number * len(mirnas) + row] - scores[row].argmax())
            same.append(min(apart, len(target) - apart) < 24)
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
            assert (min(b - a, length - b + a) if circular else b - a) >= 24
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
