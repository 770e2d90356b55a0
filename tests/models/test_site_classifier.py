"""The classifier of sites: what it learns and reads, and that its scan scores the windows that it says."""

import json
import shutil

import numpy as np
import pandas as pd
import pytest
import torch
from _builders import random_rna
from _rna_strings import reverse_complement, target_letter
from sklearn.metrics import roc_auc_score

from sklearn_mferl import SiteClassifier, train_sites
from sklearn_mferl.features.rna_codes import encode_rnas
from sklearn_mferl.models.sites import pretrained
from sklearn_mferl.models.sites.along_target import find_peaks
from sklearn_mferl.models.sites.dealt_sites import DealtSites
from sklearn_mferl.models.sites.letters import encode_middles, encode_mirnas, window_starts
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


@pytest.mark.parametrize("circular", [True, False])
@pytest.mark.parametrize("length", [1, 3, 30, 49, 50, 51, 57, 58, 59, 120, 333])
def test_a_scan_scores_every_eighth_window(length, circular):
    rng = np.random.default_rng(length)
    model = SiteClassifier(**SMALL, shift=0).fit(*planted_sites(40))
    target, mirnas = random_rna(length, rng), [random_rna(22, rng) for _ in range(20)]
    starts = window_starts(length, 50, 8, circular)
    codes = encode_mirnas(pd.Series(mirnas), 20)
    (scores,) = scan_targets(model, [encode_rnas([target]).codes], codes, circular)
    assert scores.shape == (20, len(starts))
    n_letters = min(50, length) if circular else 50
    letters = [[target_letter(target, start + i, circular) for i in range(n_letters)] for start in starts]
    windows = ["".join(window).replace("-", "N") for window in letters]
    pairs = [(window, mirna) for mirna in mirnas for window in windows]
    expected = model.decision_function(pairs).reshape(scores.shape)
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
    letters = encode_middles(sites["target"], 56), encode_mirnas(sites["mirna"], 20)
    data = DealtSites(sites, *letters, y, np.ones(400), shift=3, dealt_share=1.0, seed=0)
    bound = {(t, m[1:7]) for t, m in sites[y == 1].to_numpy()}
    # the middle of a target is in the window wherever it stands
    targets = {bytes(code): rna for code, rna in zip(letters[0][:, 6:50], sites["target"], strict=True)}
    mirnas = {bytes(code): rna for code, rna in zip(letters[1], sites["mirna"], strict=True)}
    drawn = []
    for _ in range(40):
        (target, mirna), answers = data[np.flatnonzero(y == 0)]
        assert not answers[:, 0].any()
        for t, m in zip(target.numpy().astype(np.uint8), mirna.numpy().astype(np.uint8), strict=True):
            found = next(
                targets[part] for place in range(7) if (part := bytes(t[place : place + 44])) in targets
            )
            assert (found, mirnas[bytes(m)][1:7]) not in bound
            drawn.append(mirnas[bytes(m)])
    shares = pd.Series(drawn).value_counts(normalize=True)
    expected = sites[y == 1]["mirna"].value_counts(normalize=True)
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
    model = train_sites.train_sites(_labelled(), **SMALL)
    pretrained.save_weights(model, tmp_path, {"n_sites": 40})
    monkeypatch.setattr("sklearn_mferl.models.sites.site_classifier.FOLDER", tmp_path)
    sites = planted_sites(10, seed=1)[0]
    again = SiteClassifier.pretrained()
    np.testing.assert_array_equal(again.decision_function(sites), model.decision_function(sites))
    arrays, card = tmp_path / "sites.safetensors", tmp_path / "sites.json"
    content = arrays.read_bytes()
    arrays.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    with pytest.raises(ValueError, match=r"sites\.safetensors is damaged: .*train_sites"):
        SiteClassifier.pretrained()
    for text, message in (
        (json.dumps({**json.loads(card.read_text()), "format": 2}), "not of format 1"),
        ("{", "is damaged"),
        ("[]", "not of format 1"),
    ):
        card.write_text(text)
        with pytest.raises(ValueError, match=message):
            SiteClassifier.pretrained()
    shutil.rmtree(tmp_path)
    with pytest.raises(ValueError, match="no weights in"):
        SiteClassifier.pretrained()


def test_the_program_that_trains_repeats_its_weights(tmp_path, monkeypatch, capsys):
    sites = _labelled().rename(columns={"target": "target_sequence", "mirna": "mirna_sequence"})
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


def _labelled():
    sites, y = planted_sites(40)
    return sites.assign(label=y)


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
    sites, y = planted_sites(60, seed=1)
    shares = []
    for target, mirna in sites[y == 1].to_numpy():
        rows = trained.contributions(target, mirna)
        of_target = rows[rows["rna"] == "target"]["contribution"].to_numpy()
        of_mirna = rows[rows["rna"] == "mirna"]["contribution"].to_numpy()
        place = target.index(reverse_complement(mirna[1:8]))
        inside = of_target[place : place + 7].sum() + of_mirna[1:8].sum()
        shares.append(inside / (of_target.sum() + of_mirna.sum()))
    assert np.median(shares) > 0.6
