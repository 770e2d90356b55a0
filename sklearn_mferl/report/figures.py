"""The pictures of the page."""

from typing import Any, Final

import numpy as np
import pandas as pd

from sklearn_mferl.evaluation import CrossValidation
from sklearn_mferl.experiments.cold_start import TITLES
from sklearn_mferl.inspection import EmbeddingMaps, plot_embedding_maps
from sklearn_mferl.metrics import METRIC_NAMES, expected_calibration_error
from sklearn_mferl.plotting import (
    plot_precision_recall,
    plot_reliability,
    plot_roc,
    plot_score_distribution,
)
from sklearn_mferl.plotting.axes import COLOURS, MARKERS, finish, line_style, literal, new_axes, new_grid
from sklearn_mferl.plotting.experiments import plot_ablation, plot_binding, plot_score_counts
from sklearn_mferl.report.page.parts import Picture
from sklearn_mferl.report.page.svg import picture

WORDS: Final = {"circrna": "circRNAs", "mirna": "miRNAs"}
_WIDTH, _HEIGHT = 4.4, 4.2  # inches


def draw_degrees(pairs: pd.DataFrame) -> Picture:
    """Draw how many RNAs have at least so many known partners."""
    ax = new_axes(width=_WIDTH, height=3.4)
    told = []
    for number, (side, words) in enumerate(WORDS.items()):
        degrees = np.sort(pairs[side].value_counts().to_numpy())
        share = 100 * np.arange(len(degrees), 0, -1) / len(degrees)
        ax.step(degrees, share, where="pre", **line_style(number), label=words)
        told.append(f"{words}: median {np.median(degrees):g}, largest {degrees[-1]}")
    ax.set_xscale("log")
    ax.set(xlabel="Known partners, at least", ylabel="RNAs (%)", ylim=(0, 103))
    ax.xaxis.set_major_formatter("{x:g}")
    ax.minorticks_off()
    ax.legend(frameon=False)
    label = f"Share of RNAs over the least number of known partners. {'; '.join(told)}."
    return picture(finish(ax).figure, "degrees", label, "How many partners the RNAs are known to have.")


def draw_curves(result: CrossValidation) -> list[Picture]:
    """Draw ROC and precision-recall curves of the model and the baselines."""
    pictures = []
    for name, plot, metric, caption in (
        ("roc", plot_roc, "auc", "ROC curves."),
        ("pr", plot_precision_recall, "aupr", "Precision over recall."),
    ):
        ax = plot(result.by_fold(), ax=new_axes(width=_WIDTH, height=_HEIGHT))
        means = result.summary()[metric]
        told = "; ".join(f"{model} {METRIC_NAMES[metric]} {value}" for model, value in means.items())
        label = f"{caption} A line for each fold and a bold one for their mean. {told}."
        pictures.append(picture(ax.figure, name, label, caption))
    return pictures


def draw_calibration(result: CrossValidation, model: str) -> list[Picture]:
    """Draw how far the probabilities of the model can be trusted, and how they are distributed."""
    labels, scores = result.scores["label"], result.scores[model]
    error = expected_calibration_error(labels, scores)
    reliability, distribution = (
        plot(labels, scores, ax=new_axes(width=_WIDTH, height=_HEIGHT)).figure
        for plot in (plot_reliability, plot_score_distribution)
    )
    medians = [float(scores[labels == label].median()) for label in (1, 0)]
    return [
        picture(
            reliability,
            "reliability",
            f"Share of positives over predicted probability of {model}, with the number of pairs beneath. "
            f"Calibration error of all pairs {error:.3f}; the dotted diagonal is a calibrated model.",
            f"Reliability of {model} on the test pairs of all folds: on the dotted line, probabilities are "
            "what they say.",
        ),
        picture(
            distribution,
            "distribution",
            f"Distribution of the scores of {model}. Median of the positives {medians[0]:.3f}, of the "
            f"negatives {medians[1]:.3f}.",
            f"Scores of the test pairs by {model}.",
        ),
    ]


def draw_cold_start(results: dict[str, CrossValidation]) -> Picture:
    """Draw mean and standard deviation of AUC and AUPR of each model and split, on one scale."""
    panels = new_grid(1, 2, width=4.6, height=4.0)[0]
    models = list(results["pair"].figures["model"].unique())
    for ax, metric in zip(panels, ("auc", "aupr"), strict=True):
        for number, model in enumerate(models):
            tables = [result.figures for result in results.values()]
            of_model = [table.loc[table["model"] == model, metric] for table in tables]
            places = np.arange(len(results)) + 0.13 * (number - (len(models) - 1) / 2)
            means, deviations = zip(*((each.mean(), each.std()) for each in of_model), strict=True)
            style: Any = {"fmt": MARKERS[number % len(MARKERS)], "color": COLOURS[number % len(COLOURS)]}
            ax.errorbar(places, means, yerr=deviations, **style, capsize=2, label=literal(model))
        ax.set_xticks(range(len(results)), [TITLES[split].replace(" of ", "\nof ") for split in results])
        ax.set_title(METRIC_NAMES[metric])
        finish(ax, "y").tick_params(axis="x", labelsize=8)
    low = min(ax.get_ylim()[0] for ax in panels)
    for ax in panels:
        ax.set_ylim(low, 1.02)
    figure = panels[0].figure
    figure.legend(*panels[0].get_legend_handles_labels(), loc="outside lower center", ncols=5, frameon=False)
    told = "; ".join(
        f"{TITLES[split]}: " + ", ".join(f"{name} {value}" for name, value in result.summary()["auc"].items())
        for split, result in results.items()
    )
    label = f"AUC and AUPR by split and model. AUC of {told}. The table below has all figures."
    return picture(figure, "cold", label, "Mean and standard deviation of the folds.", wide=True)


def draw_ablation(figures: pd.DataFrame) -> Picture:
    """Draw the figures of each variant."""
    label = (
        "Six figures of the whole model and of each variant, a ring a fold and a dot for the mean. The "
        "table below has the means."
    )
    caption = "Rings are folds, dots their mean; each panel has a scale of its own, and none begins at zero."
    return picture(plot_ablation(figures), "ablation", label, caption, wide=True)


def draw_truths(figures: pd.DataFrame) -> Picture:
    """Draw how far models agree with the list, and with reads."""
    means = figures.groupby(["model", "truth"], sort=False)["auc"].mean().unstack()
    told = "; ".join(
        f"{model}: {row['list']:.2f} with the list, {row['reads']:.2f} with reads"
        for model, row in means.iterrows()
    )
    label = f"AUC of each model, a point a fold, by two truths. Means: {told}."
    caption = "Agreement with the list, from left to right, and with reads, upwards; a point is a fold."
    return picture(plot_binding(figures), "truths", label, caption)


def draw_maps(maps: EmbeddingMaps, method: str, title: str) -> Picture:
    """Draw maps of held-out pairs."""
    axes = plot_embedding_maps(maps)
    found = maps.scores[maps.scores["space"] == "map"]
    told = "; ".join(
        f"{row.layer}: silhouette {row.silhouette:.2f}, accuracy of the nearest neighbours "
        f"{row.knn_accuracy:.2f}"
        for row in found.itertuples()
    )
    what = f"{title} of {len(maps.labels)} held-out pairs"
    label = f"{what}, coloured by their label. On the maps, {told}."
    caption = f"{what}. Figures on the data behind the map / on the map."
    return picture(axes[0, 0].figure, f"map-{method}", label, caption, wide=True)


def draw_score_counts(counts: pd.DataFrame, candidates: pd.DataFrame) -> Picture:
    """Draw which scores known and unknown pairs have."""
    last = candidates.iloc[-1]
    above = int(counts.loc[counts["lower"] >= 0.5, "unknown"].sum())
    label = (
        f"How many pairs have which score, on a logarithmic axis. Of {counts['unknown'].sum():,} unknown "
        f"pairs, {above:,} have a score of 0.5 or more; the one of rank {last['rank']} has "
        f"{last['score']:.3f}."
    )
    figure = plot_score_counts(counts, candidates)
    figure.set_size_inches(4.9, 4.6)
    figure.axes[0].legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), frameon=False, fontsize=9)
    figure.axes[0].set_ylim(0.5, 2 * counts[["known", "unknown"]].max().max())
    return picture(
        figure,
        "score-counts",
        label,
        "Scores of all unknown pairs. The known ones were in training: their scores show no more than that "
        "the model has learned them.",
    )
