"""Pictures: their axes, names and curves."""

import html
import sys

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from sklearn.decomposition import PCA
from sklearn.metrics import average_precision_score, precision_recall_curve, roc_auc_score, roc_curve

from sklearn_mferl.inspection import Explanation, embedding_maps, plot_embedding_maps, plot_site_circle
from sklearn_mferl.metrics import reliability_curve
from sklearn_mferl.plotting import (
    new_axes,
    plot_history,
    plot_nucleotides,
    plot_precision_at_k,
    plot_precision_recall,
    plot_reliability,
    plot_roc,
    plot_score_distribution,
)
from sklearn_mferl.plotting.axes import COLOURS
from sklearn_mferl.plotting.experiments import plot_ablation, plot_boxes, plot_effects


def fold(seed, n_pairs=80, shift=1.0):
    rng = np.random.default_rng(seed)
    y = np.arange(n_pairs) % 2
    return y, 1 / (1 + np.exp(-(rng.normal(size=n_pairs) + shift * (y - 0.5))))


CURVES = {"model": [fold(seed, shift=3) for seed in range(3)], "baseline": [fold(seed) for seed in (3, 4, 5)]}
HISTORY = [{"epoch": 1, "train_loss": 0.7}, {"epoch": 2, "train_loss": 0.5}, {"epoch": 3, "train_loss": 0.4}]
RANKED = pd.DataFrame(
    {"model": ["first", "second"], "ap": [0.5, 0.25], "p@200": [0.3, 0.1], "p@20": [0.8, 0.4], "n_hidden": 9}
)
PAIR = pd.DataFrame({"circrna": ["c"], "mirna": "m", "score": 0.82, "logit": 1.5, "base": 0.0, "sites": 1.5})
NONE = pd.DataFrame(columns=["circrna", "mirna", "side", "interacts"])
EXPLANATION = Explanation(PAIR, ("sites",), NONE, NONE, NONE, pd.Series(dtype=int), circular=True)
ODD = r"a$b\$c_{$^$"  # what matplotlib would take for a formula, and a broken one
SITES = pd.DataFrame(
    columns=["type", "start", "end", "crosses_junction", "duplex_score", "target_3to5", "bars", "mirna_5to3"]
)
FOLDS = pd.DataFrame({"model": [ODD, ODD, "b", "b"], "auc": [0.5, 0.6, 0.7, 0.9]})
EFFECTS = pd.DataFrame({"model": ["b", ODD], "metric": "auc", "d": [0.0, 2.0]})
METRICS = ["auc", "aupr", "f1", "accuracy", "recall", "precision"]
ABLATED = pd.DataFrame({"part": "network", "variant": ["whole", ODD], **dict.fromkeys(METRICS, 0.5)})


@pytest.mark.parametrize(
    "draw",
    [
        lambda: plot_roc({ODD: [([0, 1], [0.1, 0.9])]}).figure,
        lambda: plot_precision_recall({ODD: [([0, 1], [0.1, 0.9])]}).figure,
        lambda: plot_precision_at_k(RANKED.assign(model=ODD)).figure,
        lambda: plot_site_circle(SITES, 90, name=ODD).figure,
        lambda: plot_site_circle(SITES, 90, name=ODD, circular=False).figure,
        lambda: (
            plot_embedding_maps(
                embedding_maps({ODD: np.eye(10)}, np.arange(10) % 2, method=PCA(2), n_neighbors=2),
                class_names=[ODD, "b"],
            )[0, 0].figure
        ),
        lambda: plot_boxes(FOLDS, ["auc"]),
        lambda: plot_effects(EFFECTS, "b"),
        lambda: plot_effects(EFFECTS, ODD),
        lambda: plot_ablation(ABLATED),
    ],
)
def test_a_name_is_drawn_as_it_is_whatever_matplotlib_takes_it_for(draw, tmp_path):
    with mpl.rc_context({"svg.fonttype": "none"}):
        draw().savefig(tmp_path / "figure.svg")
    words = html.unescape((tmp_path / "figure.svg").read_text())
    assert ODD in words


PLOTS = {
    "roc": lambda ax=None: plot_roc(CURVES, ax=ax),
    "precision recall": lambda ax=None: plot_precision_recall(CURVES, ax=ax),
    "scores": lambda ax=None: plot_score_distribution(*fold(0), ax=ax),
    "reliability": lambda ax=None: plot_reliability(*fold(0), ax=ax),
    "precision at k": lambda ax=None: plot_precision_at_k(RANKED, ax=ax),
    "history": lambda ax=None: plot_history(HISTORY, ax=ax),
}


FIGURES = {name: lambda plot=plot: plot().figure for name, plot in PLOTS.items()}
FIGURES |= {"sites": lambda: plot_site_circle(SITES, 90).figure, "explanation": EXPLANATION.plot}


def thin_lines(ax):
    return [line for line in ax.lines if line.get_linewidth() < 1]


@pytest.mark.parametrize("plot", PLOTS.values(), ids=PLOTS)
def test_a_plot_has_labels_and_a_legend_on_the_axes_given_or_new_ones(plot):
    given, ax = new_axes(), plot()
    assert plot(given) is given
    assert ax is not given
    assert ax.get_xlabel()
    assert ax.get_ylabel()
    assert ax.get_legend() is not None


@pytest.mark.parametrize("draw", FIGURES.values(), ids=FIGURES)
def test_a_figure_needs_no_pyplot_and_without_matplotlib_says_how_to_install_it(draw, tmp_path, monkeypatch):
    imported = "matplotlib.pyplot" in sys.modules
    draw().savefig(tmp_path / "figure.png")
    assert (tmp_path / "figure.png").read_bytes().startswith(b"\x89PNG")
    assert ("matplotlib.pyplot" in sys.modules) == imported
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(ImportError, match=r'pip install "sklearn-mferl\[plots\]"'):
        draw()


@pytest.mark.parametrize(
    ("plot", "figure", "word"),
    [(plot_roc, roc_auc_score, "AUC"), (plot_precision_recall, average_precision_score, "AUPR")],
)
def test_bold_lines_are_means_in_bands_of_one_deviation_and_the_legend_has_that_of_the_areas(
    plot, figure, word
):
    ax = plot(CURVES)
    thin = np.reshape([line.get_ydata() for line in thin_lines(ax)], (2, 3, -1))
    bold = [line for line in ax.lines if line.get_linewidth() == 2]
    texts = [text.get_text() for text in ax.get_legend().get_texts()]
    for number, (name, folds) in enumerate(CURVES.items()):
        mean, deviation = thin[number].mean(axis=0), thin[number].std(axis=0, ddof=1)
        np.testing.assert_allclose(bold[number].get_ydata(), mean)
        edges = ax.collections[number].get_paths()[0].vertices[:, 1]
        assert edges.max() == pytest.approx(np.clip(mean + deviation, 0, 1).max())
        assert edges.min() == pytest.approx(np.clip(mean - deviation, 0, 1).min())
        areas = [figure(*one) for one in folds]
        assert texts[number] == f"{name} ({word} {np.mean(areas):.3f} ± {np.std(areas, ddof=1):.3f})"
    assert [line.get_color() for line in bold] == list(COLOURS[:2])
    assert len({line.get_linestyle() for line in bold}) == 2
    assert "±" not in plot({"model": [fold(0)]}).get_legend().get_texts()[0].get_text()


def test_a_roc_line_goes_through_the_curve_of_its_fold():
    line = thin_lines(plot_roc(CURVES))[0]
    x, y = np.asarray(line.get_xdata()), np.asarray(line.get_ydata())
    false_positive, true_positive, _ = roc_curve(*CURVES["model"][0])
    np.testing.assert_allclose(y[1:], np.interp(x, false_positive, true_positive)[1:])
    assert (y[0], y[-1]) == (0, 1)


def test_a_precision_line_has_the_precision_at_the_first_threshold_that_reaches_a_recall():
    line = thin_lines(plot_precision_recall(CURVES))[0]
    precision, recall, _ = precision_recall_curve(*CURVES["model"][0])
    for x, y in zip(line.get_xdata(), line.get_ydata(), strict=True):
        # thresholds fall from left to right in this search
        expected = next(p for p, r in list(zip(precision, recall, strict=True))[-2::-1] if r >= x)
        assert y == expected
    # a first pair that is negative gives no precision at recall 0
    line = thin_lines(plot_precision_recall({"model": [([0, 1, 1, 0], [0.9, 0.8, 0.7, 0.1])]}))[0]
    assert line.get_ydata()[0] == 0


def test_the_scores_of_each_class_add_up_to_100_percent():
    ax = plot_score_distribution(*fold(0))
    for polygon in ax.patches:
        corners = polygon.get_xy()
        heights, left = corners[:, 1], corners[:, 0]
        area = np.abs(np.sum((left[1:] - left[:-1]) * (heights[1:] + heights[:-1]) / 2))
        assert area == pytest.approx(100 / 25)
    ax = plot_score_distribution([1, 1], [0.2, 0.9])
    assert ax.get_legend().get_texts()[0].get_text() == "negatives (n = 0)"


@pytest.mark.parametrize("strategy", ["uniform", "quantile"])
def test_the_reliability_diagram_has_a_point_and_a_bar_for_each_bin(strategy):
    y, p = fold(0)
    ax = plot_reliability(y, p, n_bins=5, strategy=strategy)
    bins = reliability_curve(y, p, 5, strategy)
    points = ax.containers[0].lines[0]  # of the error bars
    np.testing.assert_allclose(np.asarray(points.get_xdata(), dtype=float), bins["predicted"])
    np.testing.assert_allclose(np.asarray(points.get_ydata(), dtype=float), bins["observed"])
    bars = ax.child_axes[0].patches
    assert [bar.get_height() for bar in bars] == bins["n_pairs"].tolist()
    np.testing.assert_allclose([bar.get_x() for bar in bars], bins["lower"])
    np.testing.assert_allclose([bar.get_width() for bar in bars], bins["upper"] - bins["lower"])


def test_the_histogram_lies_beneath_the_diagram_on_the_same_axis(tmp_path):
    ax = PLOTS["reliability"]()
    ax.figure.savefig(tmp_path / "figure.png")
    histogram = ax.child_axes[0].get_window_extent()
    label = ax.xaxis.label.get_window_extent()
    nought, one = ax.transData.transform([(0, 0), (1, 1)])
    assert 0 < label.y0 < label.y1 < histogram.y0 < histogram.y1 < nought[1]
    assert histogram.x0 <= nought[0] < one[0] <= histogram.x1


def test_the_precision_of_short_lists_comes_first():
    ax = plot_precision_at_k(RANKED)
    np.testing.assert_allclose(ax.lines[0].get_xdata(), [20, 200])
    np.testing.assert_allclose(ax.lines[1].get_ydata(), [0.4, 0.1])
    assert [text.get_text() for text in ax.get_legend().get_texts()] == [
        "first (AP 0.500)",
        "second (AP 0.250)",
    ]
    with pytest.raises(ValueError, match=r"no column such as 'p@20'; it has \['model'\]"):
        plot_precision_at_k(RANKED[["model"]])


def test_history_has_a_second_line_where_there_was_validation():
    assert len(plot_history(HISTORY).lines) == 1
    both = plot_history([{**row, "valid_loss": 0.9} for row in HISTORY])
    assert [line.get_label() for line in both.lines] == ["training", "validation"]
    np.testing.assert_allclose(both.lines[0].get_ydata(), [0.7, 0.5, 0.4])


def test_letters_are_as_high_as_their_contributions():
    """Of several sites the heights are the means; the target runs from 3' to 5'."""
    pytest.importorskip("logomaker", reason="logomaker is not installed")
    first = pd.DataFrame(
        {
            "rna": ["base", "target", "target", "mirna"],
            "position": [-1, 0, 1, 0],
            "letter": ["", "A", "C", "G"],
            "contribution": [0.5, 1.0, -2.0, 3.0],
        }
    )
    second = first.assign(letter=["", "A", "G", "G"], contribution=[0.0, 3.0, 1.0, 1.0])
    for tables, heights in ((first, ([-2.0, 1.0], [3.0])), ([first, second], ([-0.5, 2.0], [2.0]))):
        axes = plot_nucleotides(tables)
        for ax, expected in zip(axes, heights, strict=True):
            drawn = [0.0] * len(expected)
            for patch in ax.patches:
                box = patch.get_path().get_extents()
                place = round((box.x0 + box.x1) / 2)
                drawn[place] += box.y1 if box.y1 > 1e-9 else box.y0
            np.testing.assert_allclose(drawn, expected, atol=0.02)
