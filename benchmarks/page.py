"""The pages of the documentation and the README's table, read off the tables of finished rows alone."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
from cases import MODELS, NEGATIVES, RANKING, README_MODELS, README_ROWS, SPLITS, TOP, why_left_out
from speed_cases import FIGURE, GROWTH, WHOLE

from sklearn_mferl.plotting import new_axes, plot_precision_at_k
from sklearn_mferl.plotting.axes import COLOURS, LINE_STYLES, MARKERS, new_figure

_CALLS: Final = [
    *("f1@train", "accuracy@train", "recall@train", "precision@train", "f1@0.5", "accuracy@0.5"),
    *("f1@best_f1", "accuracy@best_f1", "brier", "log_loss", "ece"),
]
_RANKED: Final = ["ap", *(f"p@{k}" for k in TOP)]
_BEGIN, _END = "<!-- results -->\n", "<!-- /results -->\n"


def _put(text: str, path: Path) -> None:
    """Write between the marks of a page, which is made if need be."""
    page = path.read_text(encoding="utf-8") if path.exists() else _BEGIN + _END
    if _BEGIN not in page or _END not in page:
        raise ValueError(
            f"{path} has no lines {_BEGIN.strip()} and {_END.strip()}; add them where results go."
        )
    before, after = page.split(_BEGIN)[0], page.split(_END)[1]
    path.write_text(f"{before}{_BEGIN}{text}{_END}{after}", encoding="utf-8")


def _ordered(table: pd.DataFrame) -> pd.DataFrame:
    """Give models their labels, and everything the order of the cases."""
    orders = {"model": list(MODELS), "split": SPLITS, "negatives": NEGATIVES}
    table = table.astype({name: pd.CategoricalDtype(order, ordered=True) for name, order in orders.items()})
    labels = {name: model.label for name, model in MODELS.items()}
    return table.assign(model=table["model"].cat.rename_categories(labels))


def _mean(values: pd.Series) -> str:
    """Write the mean of the seeds, with its standard deviation where there is one."""
    deviation = f" ± {values.std():.3f}" if values.count() > 1 else ""
    return f"{values.mean():.3f}{deviation}" if values.count() else ""


def _table(rows: pd.DataFrame, by: list[str], metric: str) -> pd.DataFrame:
    """Write a metric as mean ± standard deviation over the seeds; the best of a column is bold."""
    groups = rows.groupby(by, observed=True)[metric]
    means, words = groups.mean().unstack(), groups.agg(_mean).unstack().fillna("")
    return words.mask(means.round(3) == means.max().round(3), "**" + words + "**")


def _markdown(title: str, table: pd.DataFrame, index: bool = True) -> str:
    table = table.rename_axis(columns=None).map(lambda cell: str(cell).replace("|", "/"))
    return f"\n{title}\n\n{table.to_markdown(index=index, disable_numparse=True)}\n".replace("\n\n\n", "\n")


# Accuracy -----------------------------------------------------------------------------------------------


def readme_table(rows: pd.DataFrame) -> str:
    """Write few models on few data and splits: AUC / AUPR, or the average precision; nothing without them."""
    labels = [MODELS[name].label for name in README_MODELS]
    chosen = rows[(rows["negatives"] == "uniform") & rows["model"].isin(labels)]
    chosen = chosen[[key in README_ROWS for key in zip(chosen["data"], chosen["split"], strict=True)]]
    if chosen.empty:
        return ""
    groups = chosen.groupby(["data", "split", "model"], observed=True)
    words = groups[["auc", "aupr", "ap"]].agg(_mean).agg(lambda each: " / ".join(filter(None, each)), axis=1)
    table = words.unstack().reindex(list(README_ROWS)).fillna("–").set_axis(list(README_ROWS.values()))
    missing = [label for label in labels if label not in table]
    note = f"Not measured by this command yet: {', '.join(missing)}.\n" if missing else ""
    return (
        _markdown("", table)
        + f"\nSeeds {_listed(chosen['seed'])} (± where there is more than one), measured at "
        f"commit {_listed(chosen['commit'])}.\n{note}"
    )


def write_accuracy(rows: pd.DataFrame, bins: pd.DataFrame, folder: Path, readme: Path | None) -> None:
    """Write pictures and tables into index.md, and one table into the README; nothing without rows."""
    if rows.empty:
        return
    rows, bins = _ordered(rows), _ordered(bins)
    used = set(rows["model"])
    models = [(each.label, f"`{name}`", each.reads) for name, each in MODELS.items() if each.label in used]
    columns = ["data", "linear", "known_pairs", "circrnas", "mirnas", "sequences", "vectors"]
    parts = [
        f"Seeds {_listed(rows['seed'])}, on {_listed(rows['cores'])} cores.\n",
        _markdown("", rows.groupby("commit")["versions"].unique().map(", ".join).reset_index(), index=False),
        _markdown("", pd.DataFrame(models, columns=["model", "as `--models` has it", "reads"]), index=False),
        _markdown("", rows[columns].drop_duplicates().sort_values("data"), index=False),
    ]
    for data, of_data in rows.groupby("data"):
        parts += [f"\n## {data}\n", *_tables(of_data)]
        for name, title, source, is_shown, draw in (
            ("splits", "AUC and AUPR", rows, rows["split"] != RANKING, draw_splits),
            ("reliability", "Reliability by split", bins, bins["split"] != RANKING, draw_reliability),
            ("ranking", "Precision at the top", rows, rows["split"] == RANKING, draw_ranking),
        ):
            if len(chosen := source[is_shown & (source["data"] == data)]):
                draw(chosen).savefig(folder / f"{data}-{name}.png")
                parts.append(f"\n![{title} on {data}](<{data}-{name}.png>)\n")
    _put("".join(parts), folder / "index.md")
    if readme and (table := readme_table(rows)):
        _put(table, readme)


def _tables(rows: pd.DataFrame) -> Iterable[str]:
    """Write all tables of one data folder."""
    reasons = {model.label: why_left_out(name, rows.iloc[0]) for name, model in MODELS.items()}
    for reason in sorted({reason for reason in reasons.values() if reason}):
        yield f"\nLeft out: {'; '.join(label for label in reasons if reasons[label] == reason)} ({reason}).\n"
    for kind, of_kind in rows[rows["split"] != RANKING].groupby("negatives", observed=True):
        for metric in ("auc", "aupr"):
            yield _markdown(
                f"**{metric.upper()}, {kind} negatives**", _table(of_kind, ["model", "split"], metric)
            )
    for split, of_split in rows[rows["negatives"] == "uniform"].groupby("split", observed=True):
        groups = of_split.groupby("model", observed=True)
        if split == RANKING:
            n_ranked, n_hidden = of_split[["n_ranked", "n_hidden"]].iloc[0].astype(int)
            title = f"**Ranking of {n_ranked:,} unknown pairs, {n_hidden:,} of them hidden interactions**"
            metrics = _RANKED
        else:
            title, metrics = f"**Calls and probabilities, split {split}, uniform negatives**", _CALLS
        yield _markdown(title, groups[metrics].agg(_mean))
    means = rows.groupby(["model", "split"], observed=True)["seconds"].mean().unstack()
    costs = means.map("{:,.1f} s".format).rename(columns=str).replace("nan s", "")
    costs["peak"] = rows.groupby("model", observed=True)["peak_gb"].max().map("{:.2f} GB".format)
    yield _markdown("**Seconds and memory**", costs)


def _listed(values: pd.Series) -> str:
    return ", ".join(map(str, sorted(set(values))))


def _style(number: int) -> dict[str, Any]:
    return {
        "color": COLOURS[number % len(COLOURS)],
        "marker": MARKERS[number % len(MARKERS)],
        "linestyle": LINE_STYLES[number % len(LINE_STYLES)],
    }


def draw_splits(rows: pd.DataFrame) -> Any:
    """Draw AUC and AUPR of all models by split, a row of axes for each kind of negatives."""
    kinds = rows["negatives"].cat.remove_unused_categories().cat.categories
    figure: Any = new_figure(10.5, 2.6 * len(kinds) + 0.7)
    grid = figure.subplots(len(kinds), 2, sharex=True, sharey="row", squeeze=False)
    splits = [split for split in SPLITS if split in set(rows["split"])]
    models = [model.label for model in MODELS.values() if model.label in set(rows["model"])]
    for kind, axes in zip(kinds, grid, strict=True):
        for metric, ax in zip(("auc", "aupr"), axes, strict=True):
            for number, model in enumerate(models):
                chosen = rows[(rows["negatives"] == kind) & (rows["model"] == model)]
                seeds = chosen.groupby("split", observed=True)[metric].agg(["mean", "std"]).reindex(splits)
                x = np.arange(len(splits)) + 0.1 * (number - (len(models) - 1) / 2)
                style = {**_style(number), "linestyle": "none"}
                ax.errorbar(x, seeds["mean"], yerr=seeds["std"].fillna(0), label=model, **style)
            ax.set_title(f"{metric.upper()}, {kind} negatives", fontsize=10)
            ax.set_xticks(range(len(splits)), splits)
            ax.axhline(0.5, color="0.6", linewidth=1, linestyle=":")
            ax.grid(axis="y", color="0.9", linewidth=0.6)
    figure.legend(*grid[0, 0].get_legend_handles_labels(), loc="outside right center", frameon=False)
    return figure


def draw_reliability(bins: pd.DataFrame) -> Any:
    """Draw the share of positives over the predicted probability, split by split, all seeds together."""
    splits = [split for split in SPLITS if split in set(bins["split"])]
    axes = np.atleast_1d(new_axes(len(splits), width=3.4, height=4.2))
    for split, ax in zip(splits, axes, strict=True):
        ax.axline((0, 0), slope=1, color="0.6", linewidth=1, linestyle=":")
        of_split = bins[bins["split"] == split]
        for number, (model, curve) in enumerate(of_split.groupby("model", observed=True)):
            weighted = curve[["predicted", "observed"]].mul(curve["n_pairs"], axis="index")
            sums = weighted.join(curve[["lower", "n_pairs"]]).groupby("lower").sum()
            points = sums[["predicted", "observed"]].div(sums["n_pairs"], axis="index")
            ax.plot(points["predicted"], points["observed"], label=model, markersize=5, **_style(number))
        ax.set(title=split, xlabel="Predicted probability", xlim=(0, 1), ylim=(-0.02, 1.02), aspect="equal")
    axes[0].set_ylabel("Share of positives")
    handles, labels = axes[0].get_legend_handles_labels()
    axes[0].figure.legend(handles, labels, loc="outside lower center", ncols=5, frameon=False)
    return axes[0].figure


def draw_ranking(rows: pd.DataFrame) -> Any:
    """Draw the share of hidden interactions among the best ranked pairs, as mean over the seeds."""
    means = rows.groupby("model", observed=True)[_RANKED].mean().reset_index()
    return plot_precision_at_k(means, ax=new_axes(width=6.5, height=4.2)).figure


# Speed --------------------------------------------------------------------------------------------------


def seconds(value: float) -> str:
    """Write a time in the unit that it is read in."""
    units = [(86_400, "days"), (3600, "h"), (60, "min")]
    unit = next(((size, name) for size, name in units if value >= 2 * size), None)
    if unit:
        return f"{value / unit[0]:,.1f} {unit[1]}"
    return "–" if np.isnan(value) else f"{value:.1f} s" if value >= 1 else f"{value * 1000:.3g} ms"


def power_law(points: pd.DataFrame) -> tuple[float, float]:
    """Return exponent and logarithm of the factor, by least squares of the logarithms."""
    exponent, factor = np.polyfit(np.log(points["n"]), np.log(points["seconds"]), 1)
    return float(exponent), float(factor)


def write_speed(rows: pd.DataFrame, folder: Path) -> None:
    """Write picture and tables into speed.md; nothing without rows."""
    if rows.empty:
        return
    rows = rows.fillna(dict.fromkeys(("peer", "aim", "note"), ""))
    curves = dict(list(rows[rows["kind"] == GROWTH].groupby("what", sort=False)))
    about = rows[["commit", "settings", "machine", "versions"]].drop_duplicates()
    parts = [_markdown("", about, index=False)]
    for kind, title in ((FIGURE, "Against their peers"), (WHOLE, "Large inputs")):
        if len(chosen := rows[rows["kind"] == kind]):
            parts.append(_markdown(f"## {title}", _against_peers(chosen), index=False))
            noted = chosen[chosen["note"] != ""]
            parts += ["\n", *("- " + noted["what"] + ": " + noted["note"] + "\n")]
    if curves:
        growth = pd.DataFrame([_growth(what, points) for what, points in curves.items()])
        parts.append(_markdown("## How it grows", growth, index=False))
        draw_growth(curves).savefig(folder / "speed-growth.png")
        parts.append("\n![Seconds over the number of RNAs, with fitted power laws](<speed-growth.png>)\n")
    _put("".join(parts), folder / "speed.md")


def _against_peers(rows: pd.DataFrame) -> pd.DataFrame:
    reached = [rows.loc[[row]].eval(aim).item() if aim else None for row, aim in rows["aim"].items()]
    words = {None: "", True: ": reached", False: ": **not reached**"}
    return rows[["what", "data"]].assign(
        ours=rows["seconds"].map(seconds),
        peer=rows["peer"],
        theirs=rows["peer_seconds"].map(seconds),
        ratio=rows["ratio"].map("{:,.2f}".format).replace("nan", ""),
        GB=rows["peak_gb"].map("{:.2f}".format).replace("nan", ""),
        aim=rows["aim"] + [words[each] for each in reached],
    )


def _growth(what: str, points: pd.DataFrame) -> dict[str, str]:
    """Write a growth curve; a million RNAs as its last step grew: costs paid once hide how small N grow."""
    last, at_the_end = points.iloc[-1], max(1.0, power_law(points.tail(2))[0])
    return {
        "what": what,
        "data": points["data"].iloc[0],
        "N": ", ".join(map("{:,}".format, points["n"])),
        "time": ", ".join(map(seconds, points["seconds"])),
        "peak": ", ".join(map("{:.2f} GB".format, points["peak_gb"].dropna())) or "–",
        "exponent": f"{power_law(points)[0]:.2f}",
        "at the end": f"{at_the_end:.2f}",
        "a million": seconds(last["seconds"] * (1e6 / last["n"]) ** at_the_end),
    }


def draw_growth(curves: dict[str, pd.DataFrame]) -> Any:
    """Draw seconds over N, with a power law through each curve and its exponent in the legend."""
    ax = new_axes(width=8.5, height=4.8)
    for number, (what, points) in enumerate(curves.items()):
        law = power_law(points)
        style = _style(number)
        ax.plot(points["n"], points["seconds"], **{**style, "linestyle": "none"})
        ax.plot(points["n"], np.exp(np.polyval(law, np.log(points["n"]))), **{**style, "marker": None})
        ax.plot([], [], label=f"{what}: $N^{{{law[0]:.2f}}}$", **style)
    ax.set(xscale="log", yscale="log", xlabel="N, RNAs", ylabel="Seconds")
    ax.grid(color="0.9", linewidth=0.6)
    ax.figure.legend(loc="outside lower center", ncols=2, frameon=False, fontsize=9)
    return ax.figure
