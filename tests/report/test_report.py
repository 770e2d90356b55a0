"""The report: a whole page, offline, the same for the same data."""

import re
from dataclasses import replace
from html import unescape
from itertools import pairwise
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest

from sklearn_mferl.datasets import save_cmi
from sklearn_mferl.experiments import corrected_t_test
from sklearn_mferl.report import write_report

SECTIONS = ["data", "labels", "cross-validation", "calibration", "cold-start", "ablation"]
SECTIONS += ["representations", "predictions", "reproduction"]


def read(page):
    """Read a page as XML, which refuses what is not well-formed."""
    page = re.sub(r"<(script|style)>.*?</\1>", "", page, flags=re.DOTALL)
    return ElementTree.fromstring(re.sub(r"<((meta|link|input)\b[^>]*)>", r"<\1/>", page))


def words_of(page):
    return " ".join(" ".join(page.itertext()).split())


def attributes(page, tag):
    return [each.attrib for each in page.iter(tag)]


@pytest.fixture(scope="module")
def page(report):
    return read(report.text)


@pytest.fixture(scope="module")
def text(page):
    return words_of(page)


def without_time(page):
    return re.sub(r'<span id="(date|runtime)">[^<]*</span>', "", page)


def test_the_page_has_every_section_and_a_link_to_it_and_is_well_formed(report, page):
    assert [each["id"] for each in attributes(page, "section")] == SECTIONS
    links = [each["href"] for each in attributes(page, "a")]
    assert links == ["#main", *(f"#{name}" for name in SECTIONS)]
    assert not any("missing" in each.get("class", "") for each in page.iter())
    assert report.path.stat().st_size < 10_000_000  # small enough to be mailed


def test_an_ablation_has_the_p_of_its_folds(report, text):
    figures = pd.read_csv(report.cells / "ablation.csv").set_index("fold")
    aupr = {variant: rows["aupr"] for variant, rows in figures.groupby("variant")}
    n_splits = report.options["n_splits"]
    for variant in set(aupr) - {"whole"}:
        p = corrected_t_test(aupr[variant], aupr["whole"], n_splits=n_splits).pvalue
        row = text[text.index(f" {variant} 0.") :].split()
        assert f"{p:.3f}" in row[:20], variant


def test_the_page_refers_to_nothing_outside_of_it_and_to_ids_that_are_there_once(report, page):
    assert re.findall(r"(?:https?:)?//\w[\w.-]*\.\w", report.text) == []
    assert "@import" not in report.text
    for each in page.iter():
        for name in ("src", "href", "xlink:href", "data", "action"):
            assert each.get(name, "#").startswith(("#", "data:,"))
    ids = [each.get("id") for each in page.iter() if each.get("id")]
    assert len(ids) == len(set(ids))
    referred = set(re.findall(r"url\(#([^)]+)\)", report.text))
    referred |= {each["href"][1:] for each in attributes(page, "use")}
    assert referred
    assert referred <= set(ids)


def test_ids_are_text_and_never_markup(report, page, text):
    assert report.odd in text
    assert "<b>" not in report.text
    assert attributes(page, "b") == []
    assert any(report.odd in str(each.get("aria-label")) for each in attributes(page, "svg"))


def test_every_figure_says_in_words_what_it_shows(page):
    figures = attributes(page, "svg")
    assert len(figures) > 15
    assert all(each["role"] == "img" and len(each["aria-label"]) > 30 for each in figures)
    assert attributes(page, "title") == [{}]  # that of the page


def test_the_page_can_be_read_with_a_screen_reader_and_on_a_telephone(page):
    levels = [int(each.tag[1]) for each in page.iter() if re.fullmatch(r"h\d", each.tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    tags = [each.tag for each in page.iter()]
    assert tags.count("caption") == tags.count("table") > 10
    assert all(each.get("scope") in ("row", "col") for each in attributes(page, "th"))
    assert attributes(page, "html") == [{"lang": "en"}]
    assert {"name": "viewport", "content": "width=device-width, initial-scale=1"} in attributes(page, "meta")
    (search,) = attributes(page, "input")
    assert {"for": search["id"]} in attributes(page, "label")
    (status,) = [each for each in attributes(page, "p") if each.get("aria-live") == "polite"]
    assert status["id"] == search["aria-describedby"]


def test_the_predictions_are_those_of_the_case_study(report, page):
    exact = dict.fromkeys(("score", "list_score", "binding_score"), float)
    found = pd.read_csv(report.cells / "case_study.csv", converters=exact)
    assert len(found) == 6
    shown = re.findall(r'<th scope="row" class="text" data-value="([^"]*)"', report.text)
    assert [unescape(each) for each in shown] == found["circrna"].tolist()
    values = [float(each) for each in re.findall(r'class="number" data-value="(0\.\d+)"', report.text)]
    assert values == found[["score", "list_score", "binding_score"]].to_numpy().ravel().tolist()
    assert len(attributes(page, "details")) == 7  # and that of the parameters


def test_each_prediction_has_sites_voters_and_contributions_that_add_up(page, text):
    labels = [each["aria-label"] for each in attributes(page, "svg")]
    contributions = [label for label in labels if label.startswith("Contributions to the log-odds")]
    assert len(contributions) == 6
    assert sum("with the target sites of" in label for label in labels) == 6
    assert text.count("Known interactions that speak for it") == 6
    for label in contributions:
        found = re.search(r"base value (-?[\d.]+) to (-?[\d.]+), a score of ([\d.]+)\. (.*)", label)
        base, logit, score = (float(each) for each in found.groups()[:3])
        shares = [float(each) for each in re.findall(r" ([+-]\d+\.\d\d)(?=[,.])", f" {found[4]}")]
        assert len(shares) == 13
        assert base + sum(shares) == pytest.approx(logit, abs=0.07)
        assert 1 / (1 + np.exp(-logit)) == pytest.approx(score, abs=0.003)


def test_the_figures_are_those_of_the_experiments(report, text):
    figures = pd.read_csv(report.cells / "cold.csv")
    for (_, model), of_model in figures.groupby(["split", "model"]):
        assert model in text
        assert f"{of_model['auc'].mean():.3f} ± {of_model['auc'].std():.3f}" in text
    for variant in ("whole", "w/o sites", "w/o neighborhood"):
        assert variant in text


def test_the_same_data_give_the_same_page_but_for_the_time_and_it_says_how(
    report, text, short_work, tmp_path
):
    again = write_report(report.data, tmp_path / "again.html", cells=report.cells, **report.options)
    assert without_time(again.read_text(encoding="utf-8")) == without_time(report.text)
    assert list(tmp_path.iterdir()) == [again]
    for words in ("random_state", "sklearn-mferl", "scikit-learn", "write_report(data", "n_splits=2, top=6"):
        assert words in text


def test_finished_parts_of_another_run_are_refused(report, tmp_path):
    options = {**report.options, "cells": report.cells, "random_state": 1}
    with pytest.raises(ValueError, match="holds finished parts of another run"):
        write_report(report.data, tmp_path / "other.html", **options)
    assert list(tmp_path.iterdir()) == []


def test_wrong_options_and_places_are_refused_before_the_work(data, tmp_path):
    for options, words in (
        ({"out": "x"}, "takes no out; give cells"),
        ({"n_splits": 1}, "n_splits must be a whole number of at least 2"),
        ({"quick": "yes"}, "quick must be True or False"),
        ({"top": 0}, "top must be a whole number of at least 1"),
        ({"preset": "good"}, "preset must be one of"),
    ):
        with pytest.raises(ValueError, match=words):
            write_report(data, tmp_path / "report.html", **options)
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(FileNotFoundError, match="There is no folder"):
        write_report(data, tmp_path / "nowhere" / "report.html")
    with pytest.raises(ValueError, match="is a folder; name a file"):
        write_report(data, tmp_path)


def test_a_quick_report_of_vectors_says_what_it_cannot_show(light, short_work, data, vectors, tmp_path):
    of_vectors = replace(data, circrna=None, embeddings={"circrna": vectors["circrna"]})
    save_cmi(of_vectors, tmp_path / "vectors")
    options = {**light, "n_splits": None, "top": 12, "quick": True}
    path = write_report(tmp_path / "vectors", tmp_path / "report.html", **options)
    page = read(path.read_text(encoding="utf-8"))
    text = words_of(page)
    assert text.count("This is a quick report, which leaves this out") == 2
    for words in ("leaves out new RNAs", "MDA maps, takes three folds", "the first 10 predictions", "3-fold"):
        assert words in text
    assert text.count("a quick report explains the first 10 pairs only") == 2
    assert text.count("there are no target sites to draw") == 10
    assert "24 of 3 numbers" in text
    assert "Best site" not in text
    assert [each["id"] for each in attributes(page, "section")] == SECTIONS


def test_a_report_on_the_network_maps_its_layers(short_work, data, tmp_path):
    params = {"mferl__max_epochs": 1, "mferl__embedding_dim": 8}
    params |= {"features__doc2vec": "drop", "features__role2vec": "drop"}
    options = {"preset": "paper", "params": params, "device": "cpu", "circular": False}
    path = write_report(data, tmp_path / "report.html", n_splits=2, top=2, quick=True, **options)
    page = read(path.read_text(encoding="utf-8"))
    text = words_of(page)
    for words in ("before attention", "after attention", "Channel attention of the network", "levenshtein"):
        assert words in text
    assert any("as a line of" in str(each.get("aria-label")) for each in attributes(page, "svg"))
