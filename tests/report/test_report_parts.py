"""The parts of the report: figures, texts, the call that made it and the command."""

import re
import shlex
from dataclasses import replace

import pandas as pd
import pytest
from _commands import run

import sklearn_mferl.report
from sklearn_mferl.baselines import SeedCount
from sklearn_mferl.datasets import CMIData
from sklearn_mferl.evaluation import CrossValidation
from sklearn_mferl.experiments import Settings
from sklearn_mferl.experiments.binding import binding
from sklearn_mferl.plotting import new_axes
from sklearn_mferl.report import maps
from sklearn_mferl.report.content import _ablation, _two_truths, describe_labels
from sklearn_mferl.report.page.svg import inline_svg
from sklearn_mferl.report.runs import Ablation
from sklearn_mferl.report.write import list_settings, write_call


def test_a_figure_holds_its_words_as_text_and_escaped():
    ax = new_axes()
    ax.plot([0, 1, 2], [0, 3, 1], marker="o", label="curve")
    ax.set_title("a < b")
    svg = inline_svg(ax.figure, "a", 'says "<b>"')
    assert "a &lt; b" in svg
    assert 'aria-label="says &quot;&lt;b&gt;&quot;"' in svg
    assert not [word for word in ("http", "<style", "<metadata") if word in svg]


def test_a_figure_is_cropped_to_the_axes_wanted():
    left, right = new_axes(2)
    left.set_title("left")
    right.remove()
    whole, cropped = (
        float(re.search(r'width="(\d+)"', inline_svg(left.figure, "a", "l", crop=crop))[1])
        for crop in (None, left)
    )
    assert cropped < 0.6 * whole


def test_an_ablation_that_could_leave_nothing_out_says_why():
    summary = pd.DataFrame({"part": ["evidence"], "variant": ["whole"], "metric": ["auc"]})
    section = _ablation(Ablation(pd.DataFrame(), summary, ["There is only one channel."]), "best")
    assert section.missing == "There is only one channel."
    assert not section.tables


def test_the_labels_are_described_by_the_pairs_of_the_page_and_what_is_missing_is_said():
    circrna = {"with": "GGACUACCUCAGGA", "across": "CUCAGGAGGACUAC", "without": "GGACUAGCUGAGGA"}
    data = CMIData("own", pd.DataFrame(), circrna, {"let-7a": "UGAGGUAGUAGGUUGUAUAGUU"})
    scores = pd.DataFrame(
        {"circrna": [*circrna] * 2, "mirna": "let-7a", "label": [1, 1, 0] * 2, "fold": [1, 2] * 3}
    )
    figures = pd.DataFrame({"model": ["default model", "path count"] * 2, "fold": [1, 1, 2, 2]})
    scores = scores.assign(**{"default model": 0.5, "path count": [0.9, 0.9, 0.1] * 2})
    result = CrossValidation(figures, scores)

    def describe(data, circular=True):
        return " ".join(describe_labels(data, result, circular=circular).paragraphs)

    said = describe(data)
    assert "Here 100% of the 4 known interactions have a match" in said
    assert "and 0% of the 2 pairs drawn as negatives" in said
    assert "paths of known interactions alone reach an AUC of 1.000" in said
    assert not [word for word in ("seed sites alone", "starBase") if word in said]
    assert "Here 50% of the 4" in describe(data, circular=False)
    assert "no sequences of the circRNAs" in describe(replace(data, circrna=None))


@pytest.mark.parametrize(("installed", "methods"), [(True, ["tsne", "mda"]), (False, ["tsne"])])
def test_mda_is_drawn_where_it_is_installed(monkeypatch, data, installed, methods):
    asked = []
    monkeypatch.setattr(maps, "find_spec", lambda name: object() if installed else None)
    monkeypatch.setattr(
        maps, "run_cells", lambda *_, methods, **__: asked.append(methods) or {"scores": pd.DataFrame()}
    )
    assert str(maps.run_maps(data, Settings(), 2, quick=False)).startswith("The model has neither")
    assert asked == [methods]


def test_the_call_names_what_differs_from_the_defaults_and_is_short():
    call = write_call("my folder", Settings(preset="paper", random_state=3, n_jobs=2), top=5)
    assert call.endswith(
        """write_report('my folder', "report.html", top=5, random_state=3, preset='paper')"""
    )
    table = pd.DataFrame({"circrna": ["c"] * 99, "mirna": ["m"] * 99})
    settings = Settings(expression=table)
    call = write_call("folder", settings, reads=table)
    assert "reads=table" in call
    assert "expression=table" in call
    assert ("reads", "a table") in list_settings(settings, reads=table)


def test_the_command_passes_its_options_on_and_that_on_the_page_gives_the_same_page(monkeypatch, tmp_path):
    calls = []
    monkeypatch.setattr(sklearn_mferl.report, "write_report", lambda *_, **options: calls.append(options))
    words = "--preset paper --epochs 3 --folds 4 --top 7 --seed 5 --linear --quick --negatives near"
    run("report", "--data", "a b", "--out", tmp_path / "x.html", *words.split())
    expected = {"preset": "paper", "n_splits": 4, "top": 7, "random_state": 5, "circular": False}
    expected |= {"quick": True, "negatives": "near", "params": {"mferl__max_epochs": 3}}
    assert {name: calls[0][name] for name in expected} == expected
    words = shlex.split(calls[0]["command"])
    assert words[:4] == ["mferl", "report", "--data", "a b"]
    run(*words[1:])
    assert calls[1] == calls[0]


# A report with reads, which says what models are by both truths -------------------------------------------


def test_the_section_has_the_figures_of_the_experiment(known):
    listed, reads = replace(known, pairs=known.pairs[1::2]), known.pairs[::2]
    models = {"seed <count>": SeedCount(known.circrna, known.mirna)}
    figures = binding(listed, reads, models=models, n_splits=3)
    section = _two_truths(figures)
    mean = figures.groupby("truth")["auc"].mean()
    (row,) = section.tables[0].rows
    assert row[0] == "seed <count>"
    assert row[1].startswith(f"{mean['list']:.3f} ± ")
    assert row[3].startswith(f"{mean['reads']:.3f} ± ")
    of_reads = figures[figures["truth"] == "reads"].iloc[0]
    assert f"{of_reads['positives']:,} that a read supports" in section.paragraphs[0]
    assert "seed &lt;count&gt;" in str(section.pictures[0].svg)
