"""The figures of the experiments."""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import pandas as pd

from sklearn_mferl.metrics import METRIC_NAMES, SIX_METRICS
from sklearn_mferl.plotting.axes import (
    COLOURS,
    MARKERS,
    filled,
    finish,
    line_style,
    literal,
    new_grid,
)
from sklearn_mferl.plotting.curves import GUIDE, plot_precision_recall, plot_roc

WHOLE: Final = "whole"
"""Name of the variant of an ablation from which nothing is taken away."""

_PART_GAP: Final = 0.6  # between the parts of an ablation, in rows
_LARGE_EFFECT: Final = 0.8  # Cohen's convention
_OF_RATIOS: Final = ("auc", "aupr", "f1", "accuracy")
_PARAMETER_TITLES: Final = {
    "embedding_dim": "Embedding dimension $d$",
    "lr": "Learning rate",
    "temperature": "Temperature τ",
    "threshold": "Threshold of the similarity graph",
}
_HEAT: Final = "cividis"  # reads the same with any colour vision, and in grey
_N_COLUMNS: Final = 2  # of heat maps
_EQUAL_CONTRAST: Final = 0.179  # luminance at which black and white are read equally well (WCAG 2)


def plot_boxes(figures: pd.DataFrame, metrics: Sequence[str]) -> Any:
    """Draw a box for each model with a point for each fold, a panel for each metric."""
    by_model = dict(list(figures.groupby("model", sort=False)))
    panels = new_grid(1, len(metrics), width=max(4.0, 0.9 * len(by_model) + 1.2))[0]
    for ax, metric in zip(panels, metrics, strict=True):
        for number, rows in enumerate(by_model.values()):
            values, colour = rows[metric].to_numpy(), COLOURS[number % len(COLOURS)]
            style: Any = {key: {"color": colour} for key in ("boxprops", "whiskerprops", "capprops")}
            style["medianprops"] = {"color": colour, "linewidth": 2}
            # no outliers: all folds are drawn below
            ax.boxplot(values, positions=[number], widths=0.6, showfliers=False, **style)
            # spread evenly in the order of the folds, so that the picture is the same each time
            place = number + np.linspace(-0.2, 0.2, len(values)) if len(values) > 1 else [number]
            ax.plot(place, values, "o", color=colour, markersize=3.5, alpha=0.5, markeredgewidth=0)
        slanted: Any = {"rotation": 30, "ha": "right", "rotation_mode": "anchor"}
        ax.set_xticks(range(len(by_model)), map(literal, by_model), **slanted)
        ax.set(xlim=(-0.6, len(by_model) - 0.4), ylabel=METRIC_NAMES.get(metric, metric))
        finish(ax, "y")
    lows, highs = zip(*(ax.get_ylim() for ax in panels), strict=True)
    for ax in panels:
        ax.set_ylim(min(lows), max(highs))
    return panels[0].figure


def plot_effects(comparison: pd.DataFrame, reference: str) -> Any:
    """Draw Cohen's d of a reference against each other model, as the publication's Fig. 2C."""
    others = comparison[comparison["model"] != reference]
    models, metrics = others["model"].unique(), others["metric"].unique()
    ax = new_grid(1, 1, width=6.4, height=1.5 + 0.22 * len(models) * max(2, len(metrics)))[0, 0]
    effects = others["d"]
    finite = effects[np.isfinite(effects)].abs()
    edge = 2 * max(finite.max() if len(finite) else 0.0, 5 * _LARGE_EFFECT)
    shift = 0.5 / len(metrics)
    for number, metric in enumerate(metrics):
        of_metric = others[others["metric"] == metric].set_index("model")["d"].loc[models]
        ax.plot(
            of_metric.clip(-edge, edge),
            np.arange(len(models)) + (number - (len(metrics) - 1) / 2) * shift,
            MARKERS[number % len(MARKERS)],
            color=COLOURS[number % len(COLOURS)],
            label=METRIC_NAMES.get(metric, metric),
            clip_on=False,
            zorder=3,
        )
    ax.axvspan(-_LARGE_EFFECT, _LARGE_EFFECT, color="0.92", zorder=0)
    ax.axvline(0, color="0.4", linewidth=0.8)
    ax.set_xscale("symlog", linthresh=1)
    ax.set_xlim(-edge if effects.min() < -_LARGE_EFFECT else -1, edge)
    ax.set_ylim(len(models) - 0.5, -0.5)  # the first model on top
    ax.set_yticks(range(len(models)), map(literal, models))
    ax.xaxis.set_major_formatter("{x:g}")
    ax.set_xlabel(f"Cohen's d: above 0, the mean of {literal(reference)} is higher")
    finish(ax, "x", "0.85")
    ax.figure.legend(loc="outside upper center", ncols=min(4, len(metrics)), frameon=False)
    return ax.figure


def plot_ablation(figures: pd.DataFrame) -> Any:
    """Draw the six figures of each variant: dots, since no axis starts at zero."""
    variants = figures[["part", "variant"]].drop_duplicates().reset_index(drop=True)
    number_of_part = {part: number for number, part in enumerate(variants["part"].unique())}
    variants["place"] = [i + _PART_GAP * number_of_part[part] for i, part in enumerate(variants["part"])]
    labels = [
        f"{part}: {WHOLE}" if variant == WHOLE else literal(variant)
        for part, variant in zip(variants["part"], variants["variant"], strict=True)
    ]
    panels = new_grid(2, 3, width=3.6, height=0.7 + 0.27 * len(variants))
    for ax, metric in zip(panels.flat, SIX_METRICS, strict=True):
        for row in variants.itertuples():
            number = number_of_part[row.part]
            colour, marker = COLOURS[number], "os"[number]
            of_variant = (figures["part"] == row.part) & (figures["variant"] == row.variant)
            values = figures.loc[of_variant, metric]
            places = [row.place] * len(values)
            ax.scatter(values, places, s=22, facecolors="none", edgecolors=colour, alpha=0.6, linewidths=0.8)
            ax.scatter([values.mean()], [row.place], s=42, color=colour, marker=marker, zorder=3)
            if row.variant == WHOLE:
                of_part = variants.loc[variants["part"] == row.part, "place"]
                low, high = of_part.min() - 0.4, of_part.max() + 0.4
                ax.vlines(values.mean(), low, high, colors=colour, linestyles="--", lw=1)
        ax.set_title(METRIC_NAMES[metric], fontsize=11)
        ax.set_yticks(variants["place"], labels)
        ax.set_ylim(variants["place"].max() + 0.7, -0.7)  # the first variant on top
        ax.locator_params(axis="x", nbins=5)
        finish(ax, "x")
    for ax in panels[:, 1:].flat:
        ax.tick_params(labelleft=False)
    figure = panels[0, 0].figure
    figure.supxlabel("● or ■ mean of the folds, ○ a fold, - - mean of the whole model", fontsize=10)
    return figure


def plot_ratios(figures: pd.DataFrame) -> Any:
    """Draw the figures over the ratio, with what they are for a blind guess."""
    ratios = list(figures["ratio"].unique())
    positives = figures.groupby("ratio", sort=False)["positives"].first().to_numpy()
    blind = {
        "auc": np.full(len(ratios), 0.5),
        "aupr": positives,
        "f1": 2 * positives / (1 + positives),  # all pairs called
        "accuracy": np.maximum(positives, 1 - positives),  # all or none called
    }
    panels = new_grid(1, len(_OF_RATIOS), width=3.6, height=4.6)[0]
    of_models = list(figures.groupby("model", sort=False))
    for metric, ax in zip(_OF_RATIOS, panels, strict=True):
        for number, (model, rows) in enumerate(of_models):
            folds = rows.groupby("ratio", sort=False)[metric]
            # side by side, so that error bars can be told apart
            shift = 0.07 * (number - (len(of_models) - 1) / 2)
            style = {**line_style(number), "marker": "o", "markersize": 4, "elinewidth": 1}
            places, label = np.arange(len(ratios)) + shift, literal(model)
            ax.errorbar(places, folds.mean(), yerr=folds.std(), **style, label=label)
        dots = {**GUIDE, "color": "0.4"}
        ax.plot(range(len(ratios)), blind[metric], label="without looking at the pair", **dots)
        ax.set_xticks(range(len(ratios)), [f"1:{value:g}" for value in ratios])
        ax.set(ylim=(-0.01, 1.01), xlim=(-0.4, len(ratios) - 0.6), title=METRIC_NAMES[metric])
        finish(ax, "y")
    figure = panels[0].figure
    figure.supxlabel("Positives : negatives, in training and test", fontsize=10)
    figure.legend(*panels[0].get_legend_handles_labels(), loc="outside upper center", ncols=6, frameon=False)
    return figure


def plot_independent(scores: pd.DataFrame, result: pd.DataFrame) -> Any:
    """Draw the curves of all test pairs, and the AUC by what is new in them."""
    left, middle, right = new_grid(1, 3, width=5.0, height=4.8)[0]
    by_model = list(scores.groupby("model", sort=False))
    curves = {str(model): [(rows["label"].to_numpy(), rows["score"].to_numpy())] for model, rows in by_model}
    plot_roc(curves, ax=left)
    plot_precision_recall(curves, ax=middle)
    for ax in (left, middle):
        ax.set_title("All test pairs")
    shown = result["novelty"].unique()
    first = result[result["model"] == result["model"].iloc[0]].set_index("novelty").loc[shown]
    for number, (model, _) in enumerate(by_model):
        auc = result[result["model"] == model].set_index("novelty").loc[shown, "auc"]
        shift = 0.1 * (number - (len(by_model) - 1) / 2)
        style = {"color": COLOURS[number % len(COLOURS)], "markersize": 6, "label": literal(model)}
        right.plot(np.arange(len(shown)) + shift, auc, MARKERS[number % len(MARKERS)], **style)
    right.axhline(0.5, **GUIDE)
    names = [
        f"{name}\n{count}+ / {negatives}−"
        for name, count, negatives in zip(shown, first["positives"], first["negatives"], strict=True)
    ]
    right.set_xticks(range(len(shown)), names, fontsize=8)
    right.set(
        xlim=(-0.5, len(shown) - 0.5), ylim=(-0.01, 1.01), ylabel="AUC", title="By what training has not seen"
    )
    right.legend(loc="lower left", ncols=2, framealpha=0.9, edgecolor="none", fontsize=9)
    return finish(right, "y").figure


def plot_binding(result: pd.DataFrame) -> Any:
    """Draw the AUC by the list against that by reads, a point a fold, and beside it that of sites, if any."""
    is_site = result["truth"] == "sites"
    n_panels = 1 + int(is_site.any())
    axes = new_grid(1, n_panels, width=5.5 * n_panels)[0]
    ax = axes[0]
    wide = result[~is_site].pivot(index=["model", "fold"], columns="truth", values="auc")
    for number, (model, rows) in enumerate(wide.groupby(level="model", sort=False)):
        colour = COLOURS[number % len(COLOURS)]
        ax.plot(rows["list"], rows["reads"], "o", color=colour, label=literal(str(model)))
    for line in (ax.axhline, ax.axvline):
        line(0.5, color="0.7", linewidth=0.8, zorder=0)
    ax.set_xlabel("AUC of held-out pairs of the list")
    ax.set_ylabel("AUC of unlisted pairs, by reads")
    ax.legend(fontsize="small")
    if is_site.any():
        of_sites = result[is_site]
        axes[1].plot(of_sites["auc"], of_sites["model"].map(literal), "o", color=COLOURS[0])
        axes[1].axvline(0.5, color="0.7", linewidth=0.8, zorder=0)
        axes[1].set(xlabel="AUC of sites, by reads, chromosomes held out", ymargin=0.3)
        finish(axes[1])
    return finish(ax).figure


def plot_score_counts(scores: pd.DataFrame, ranking: pd.DataFrame) -> Any:
    """Draw how many known and unknown pairs have which score, on a logarithmic axis."""
    ax = new_grid(1, 1, width=7.2, height=4.6)[0, 0]
    edges = [*scores["lower"], scores["upper"].iloc[-1]]
    for name in ("unknown", "known"):
        ax.stairs(
            scores[name],
            edges,
            baseline=0.5,  # below one pair, which a logarithmic axis could not show from 0
            fill=True,
            **filled(name == "known"),
            label=f"{name} pairs (n = {scores[name].sum():,})",
        )
    rank, score = ranking.iloc[-1][["rank", "score"]]
    ax.axvline(score, color="black", linestyle=":", label=f"rank {rank} ({score:.3f})")
    ax.set_yscale("log")
    ax.set(xlim=(0, 1), xlabel="Score (predicted probability)", ylabel="Pairs in a bin of 0.02")
    ax.set_ylim(bottom=0.5)
    ax.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), frameon=False, ncols=3, fontsize=9)
    return finish(ax).figure


def plot_heat_maps(figures: pd.DataFrame) -> Any:
    """Draw a heat map for each parameter: figures by value, the mean of the folds."""
    means = figures.groupby(["parameter", "value", "is_default"], sort=False, dropna=False)[SIX_METRICS]
    table = means.mean().reset_index()
    low, high = np.nanmin(table[SIX_METRICS]), np.nanmax(table[SIX_METRICS])
    parameters = table["parameter"].unique()
    n_columns = min(_N_COLUMNS, len(parameters))
    panels = new_grid(-(-len(parameters) // n_columns), n_columns, width=4.6, height=3.4)
    for ax in panels.flat[len(parameters) :]:
        ax.set_visible(False)
    for ax, parameter in zip(panels.flat, parameters, strict=False):
        rows = table[table["parameter"] == parameter]
        image = ax.imshow(rows[SIX_METRICS].to_numpy().T, cmap=_HEAT, vmin=low, vmax=high, aspect="auto")
        _print_values(ax, image)
        ax.set_xticks(range(len(rows)), [_name_value(row.value, row.is_default) for row in rows.itertuples()])
        ax.set_yticks(range(len(SIX_METRICS)), [METRIC_NAMES[metric] for metric in SIX_METRICS])
        ax.set_title(_PARAMETER_TITLES.get(parameter, literal(parameter)), fontsize=11)
        ax.tick_params(length=0)
        ax.spines[:].set_visible(False)
    figure = panels[0, 0].figure
    figure.colorbar(image, ax=panels, label="Mean of the folds", shrink=0.8)
    figure.supxlabel("* default", fontsize=10)
    return figure


def _print_values(ax: Any, image: Any) -> None:
    """Print the number in each cell, black or white as it is read better."""
    values = np.ma.filled(image.get_array(), np.nan)
    for (row, column), value in np.ndenumerate(values):
        if np.isnan(value):
            text, colour = "–", "black"
        else:
            channels = np.array(image.cmap(image.norm(value))[:3])  # of sRGB
            linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
            luminance = linear @ [0.2126, 0.7152, 0.0722]
            text, colour = f"{value:.3f}", "black" if luminance > _EQUAL_CONTRAST else "white"
        ax.text(column, row, text, ha="center", va="center", color=colour, fontsize=9)


def _name_value(value: Any, is_default: bool) -> str:
    text = f"{value:g}" if isinstance(value, (int, float)) and not isinstance(value, bool) else str(value)
    return literal(f"{text} *" if is_default else text)
