"""What the sections of the page say."""

from typing import Final

import numpy as np
import pandas as pd

from sklearn_mferl.baselines import has_seed_match
from sklearn_mferl.datasets import CMIData
from sklearn_mferl.evaluation import CrossValidation
from sklearn_mferl.evaluation.cross_validation import mean_and_deviation
from sklearn_mferl.experiments.cold_start import TITLES
from sklearn_mferl.metrics import METRIC_NAMES, expected_calibration_error
from sklearn_mferl.plotting.experiments import WHOLE
from sklearn_mferl.report.figures import (
    WORDS,
    draw_ablation,
    draw_calibration,
    draw_cold_start,
    draw_curves,
    draw_degrees,
    draw_maps,
    draw_score_counts,
    draw_truths,
)
from sklearn_mferl.report.page.parts import Section, Table, text
from sklearn_mferl.report.runs import QUICK_EXPLAINED, Ablation, Runs
from sklearn_mferl.utils.validation import SIDES

_QUICK: Final = "This is a quick report, which leaves this out; make one without --quick."
_QUICK_LEAD: Final = (
    "This is a quick report: it leaves out new RNAs, what each part is worth and MDA maps, takes three folds "
    "where nothing else is said, and explains no more than the first {n_explained} predictions."
)
_METHODS: Final = {"tsne": "t-SNE", "mda": "MDA"}
_PRESETS: Final = {
    "best": "a network on the two RNAs, and a network and boosted trees on target sites and on the known "
    "interactions around a pair",
    "paper": "the network of the publication, on the scales of the single RNAs",
}
_PARTS: Final = {
    "best": "Of its channels, sites are the target sites of a pair, neighborhood is what is known around it.",
    "paper": "Of its parts, cl is contrastive learning, homo the aggregation over similar RNAs, mcam the "
    "dual-convolutional attention, and heter the interaction with the other kind of RNA; change_homo fuses "
    "the scales first and aggregates then.",
}
_MDA: Final = (
    "MDA (manifold discovery and analysis, Islam et al., Nature Communications 14, 8506, 2023) orders the "
    "pairs by the output of the model before it maps them: it shows what the model makes of them."
)
_MADE: Final = (
    "Read the figures with this in mind. Many lists of circRNA–miRNA interactions were made with target "
    "prediction, or filtered by it: a model that finds seed matches has then found the filter."
)
_NEGATIVES: Final = (
    "Negatives are pairs that nobody has reported, not pairs shown not to interact. A high AUC says that a "
    "model reproduces such a list; it does not say that the next pair of its ranking will be confirmed in "
    "the laboratory."
)


def lead(runs: Runs) -> str:
    """Return the sentences below the title."""
    circrnas, mirnas = (runs.data.pairs[side].nunique() for side in SIDES)
    what = (
        f"{len(runs.data.pairs):,} known interactions of {circrnas:,} circRNAs and {mirnas:,} miRNAs, "
        f"learned by the preset “{runs.settings.preset}”: {_PRESETS[runs.settings.preset]}."
    )
    return f"{what} {_QUICK_LEAD.format(n_explained=QUICK_EXPLAINED)}" if runs.quick else what


def facts(runs: Runs) -> list[tuple[str, str]]:
    """Return what is to be seen first: numbers, and what they are."""
    found, model = [], runs.settings.model_name
    for split, words in (("pair", "new pairs of known RNAs"), ("both", "pairs of two new RNAs")):
        if split in runs.folds:
            result = runs.folds[split]
            best = str(result.figures.groupby("model")["auc"].mean().drop(model).idxmax())
            words = f"AUC on {words}; the best baseline, {best}, has {_auc(result)[best]}"
            found.append((result.summary()["auc"][model], words))
    scores = runs.folds["pair"].scores
    error = expected_calibration_error(scores["label"], scores[model])
    return [*found, (f"{error:.3f}", "calibration error of its probabilities on new pairs, 0 at best")]


def describe_sections(runs: Runs) -> list[Section]:
    """Write all sections but the list of predictions itself."""
    return [
        describe_data(runs.data),
        describe_labels(runs.data, runs.folds["pair"], circular=runs.settings.circular),
        _cross_validation(runs),
        _calibration(runs),
        _cold_start(runs),
        *([] if runs.binding is None else [_two_truths(runs.binding)]),
        _ablation(runs.ablation, runs.settings.preset),
        _representations(runs),
        _predictions(runs),
    ]


def describe_data(data: CMIData) -> Section:
    """Write the section on the data."""
    rows = []
    for side, words in WORDS.items():
        degrees = data.pairs[side].value_counts()
        sequences = (data.circrna, data.mirna)[SIDES.index(side)]
        lengths = [len(sequence) for sequence in (sequences or {}).values()]
        vectors = data.embeddings.get(side)
        rows.append(
            [
                words,
                text(len(degrees)),
                text(len(sequences)) if sequences else "none",
                _spread(lengths),
                "none" if vectors is None else f"{len(vectors):,} of {vectors.shape[1]} numbers",
                _spread(degrees.tolist()),
            ]
        )
    header = ["Side", "With interactions", "Sequences", "Nucleotides", "Vectors", "Known partners"]
    caption = "The RNAs. Lengths and partners: median (smallest to largest)."
    possible = int(np.prod([data.pairs[side].nunique() for side in SIDES]))
    paragraph = (
        f"{len(data.pairs):,} interactions are known of {possible:,} pairs that these RNAs can form, "
        f"{100 * len(data.pairs) / possible:.2g} % of them."
    )
    tables = [Table(caption, header, rows)]
    return Section("data", "The data", [paragraph], [draw_degrees(data.pairs)], tables)


def _spread(values: list[int]) -> str:
    if not values:
        return "–"
    return f"{float(np.median(values)):,.6g} ({min(values):,} to {max(values):,})"


def describe_labels(data: CMIData, result: CrossValidation, *, circular: bool) -> Section:
    """Write the section on the labels: how many pairs have a seed match, and how far simple scores come.

    `result` is the cross-validation on new pairs, of the model beside the baselines.
    """
    auc = _auc(result)
    words = {"seed count": "seed sites alone", "path count": "paths of known interactions alone"}
    found = [f"{what} reach an AUC of {auc[name]}" for name, what in words.items() if name in auc]
    measured = (
        f"{_seed_matches(data, result.scores, circular)} On new pairs, {' and '.join(found)}: a model is "
        "worth what it adds to that."
    )
    return Section("labels", "What the labels are", [_MADE, measured, _NEGATIVES])


def _auc(result: CrossValidation) -> pd.Series:
    """Return the AUC by model, as text that is not broken into lines."""
    return result.summary()["auc"].str.replace(" ± ", "\N{NO-BREAK SPACE}±\N{NO-BREAK SPACE}")


def _seed_matches(data: CMIData, scores: pd.DataFrame, circular: bool) -> str:
    sequences = {"circrna": data.circrna, "mirna": data.mirna}
    without = [WORDS[side] for side in SIDES if sequences[side] is None]
    if without:
        return (
            "Here it cannot be measured how many pairs have a match of the seed: there are no sequences of "
            f"the {' and '.join(without)}."
        )
    has_match = has_seed_match(scores, data.circrna, data.mirna, circular=circular)
    label = scores["label"].to_numpy() == 1
    return (
        f"Here {has_match[label].mean():.0%} of the {label.sum():,} known interactions have a match of "
        "nucleotides 2 to 8 of the miRNA (an 8mer or 7mer-m8 site), and "
        f"{has_match[~label].mean():.0%} of the {(~label).sum():,} pairs drawn as negatives."
    )


def _cross_validation(runs: Runs) -> Section:
    result = runs.folds["pair"]
    n_folds = result.figures["fold"].nunique()
    label = result.scores["label"]
    paragraphs = [
        f"{n_folds}-fold cross-validation on {len(label):,} pairs: the known interactions and "
        f"{int((label == 0).sum()):,} unknown pairs, drawn as negatives ({runs.settings.negatives}). Test "
        "pairs are new; their RNAs are known from other pairs. Everything that is learned, features too, is "
        "learned from the training pairs of a fold.",
        "Beside the model stand simple scores: the number of known partners of both RNAs (degree product), "
        "that of paths of known interactions that join them (path count), a low-rank factorisation (svd "
        "factors) and, where both sides have sequences, the number of seed sites (seed count). A model is "
        "worth what it adds to them.",
    ]
    caption = "Mean ± standard deviation over the folds; F1 and the figures after it at the score 0.5."
    table = _named(caption, result.summary())
    return Section("cross-validation", "New pairs", paragraphs, draw_curves(result), [table])


def _calibration(runs: Runs) -> Section:
    result, known = runs.folds["pair"], runs.data.pairs
    share = float(result.scores["label"].mean())
    possible = float(np.prod([known[side].nunique() for side in SIDES]))
    paragraphs = [
        f"A score is the probability of an interaction among pairs such as those tested here, {share:.0%} of "
        f"which are known interactions. Of all pairs of these RNAs {len(known) / possible:.2%} are known: "
        "there, the same score means less.",
    ]
    caption = (
        "How good the scores are as probabilities, mean ± standard deviation over the folds: the lower, the "
        "better. Where a fold has few pairs, chance raises its calibration error."
    )
    table = _named(caption, result.probability_summary())
    figure = draw_calibration(result, runs.settings.model_name)
    return Section("calibration", "Calibration", paragraphs, figure, [table])


def _cold_start(runs: Runs) -> Section:
    name, title = "cold-start", "New RNAs"
    if len(runs.folds) < 2:
        return Section(name, title, missing=_QUICK)
    paragraphs = [
        "On new pairs of known RNAs, much is known of both. This is how the same models do where a test fold "
        "has circRNAs, miRNAs or both that no training pair has. Baselines that read known interactions "
        "alone know nothing of an RNA that has none."
    ]
    summaries = {TITLES[split]: result.summary() for split, result in runs.folds.items()}
    tables = [
        _named(
            f"{METRIC_NAMES[metric]} by what is new, mean ± standard deviation over the folds.",
            pd.DataFrame({title: summary[metric] for title, summary in summaries.items()}),
        )
        for metric in ("auc", "aupr")
    ]
    return Section(name, title, paragraphs, [draw_cold_start(runs.folds)], tables)


def _two_truths(figures: pd.DataFrame) -> Section:
    of_reads = figures[figures["truth"] == "reads"].iloc[0]
    paragraphs = [
        "The figures above say how well a model agrees with the list. Another truth are reads in which "
        "Argonaute held a miRNA and its target together, which no target prediction has filtered; they show "
        "contact, not effect. Asked are pairs that the list does not hold, of RNAs with reads: "
        f"{of_reads['positives']:,} that a read supports, and {of_reads['negatives']:,} that none does, "
        "which may be bound and unread."
    ]
    folds = figures.groupby(["model", "truth"], sort=False)[["auc", "aupr"]]
    by_truth = mean_and_deviation(folds).unstack().loc[figures["model"].unique()].rename_axis("Model")
    columns = {
        f"{METRIC_NAMES[metric]}, {truth}": by_truth[metric, truth]
        for truth in ("list", "reads")
        for metric in ("auc", "aupr")
    }
    caption = "By both truths, mean ± standard deviation over the folds."
    table = Table.from_frame(caption, pd.DataFrame(columns).reset_index())
    return Section("truths", "List and reads", paragraphs, [draw_truths(figures)], [table])


def _ablation(ablation: Ablation | None, preset: str) -> Section:
    name, title = "ablation", "What each part is worth"
    if ablation is None:
        return Section(name, title, missing=_QUICK)
    summary = ablation.summary
    if summary["variant"].nunique() < 2:
        return Section(name, title, missing=" ".join(ablation.notes))
    rows = []
    for variant, of_variant in summary.groupby("variant", sort=False):
        cells = [str(variant)]
        for metric in ("auc", "aupr", "f1"):
            found = of_variant[of_variant["metric"] == metric].to_dict("records")[0]
            change = "–" if variant == WHOLE else f"{found['difference']:+.3f}".replace("-", "−")
            cells += [f"{found['mean']:.3f} ± {found['sd']:.3f}", change]
            if metric == "aupr":
                cells.append(text(found["p"]))
        rows.append(cells)
    paragraphs = [
        "One part of the model is left out at a time, and the rest trained and tested on the same folds. A "
        "part that others can stand in for is worth little here, even if it is worth much alone. p is that "
        "of the t-test corrected for overlapping training sets (Nadeau and Bengio, 2003), for the AUPR.",
        _PARTS[preset],
        *ablation.notes,
    ]
    header = ["Variant", "AUC", "change", "AUPR", "change", "p", "F1", "change"]
    table = Table("Without each part: mean ± standard deviation, and the change to the whole.", header, rows)
    return Section(name, title, paragraphs, [draw_ablation(ablation.figures)], [table])


def _representations(runs: Runs) -> Section:
    name, title = "representations", "What the model sees of a pair"
    if isinstance(runs.maps, str):
        return Section(name, title, missing=runs.maps)
    if runs.settings.preset == "paper":
        what = (
            "The network's embeddings of pairs before the dual-convolutional attention, after it, and as its "
            "last layer reads them, in two dimensions."
        )
    elif any(panel == "final" for maps in runs.maps.values() for _, panel in maps.maps):
        what = (
            "The embeddings of pairs of the network that reads the RNAs, its scales fused and as its last "
            "layer reads them, in two dimensions. The other members of the model read the evidence."
        )
    else:
        what = (
            "No network reads the RNAs here, so there are no embeddings. Shown are the columns of evidence, "
            "by channel and all together, standardised by the training pairs, in two dimensions."
        )
    paragraphs = [
        f"{what} The pairs are held-out ones of the first fold: neither the features nor the model have seen "
        "their labels. Such maps can show clusters that are not there and hide those that are; the table "
        "says how well the classes are apart on the map and on the data behind it.",
    ]
    if "mda" in runs.maps:
        paragraphs.append(_MDA)
    pictures, tables = [], []
    explanation = runs.predictions.explanation
    for method, maps in runs.maps.items():
        pictures.append(draw_maps(maps, method, _METHODS[method]))
        shown = maps.scores[["layer", "space", "silhouette", "knn_accuracy"]].replace(
            {"space": {"embedding": "behind the map"}}
        )
        shown.columns = pd.Index(["Panel", "Where", "Silhouette", "Accuracy of 10 neighbours"])
        tables.append(Table.from_frame(f"How far {_METHODS[method]} keeps the classes apart.", shown, 2))
    if explanation is not None and len(explanation.attention):
        weights = explanation.attention.pivot(index="scale", columns="side", values="weight")
        shown = weights[list(SIDES)].rename(columns=WORDS).rename_axis("Scale").reset_index()
        caption = "Channel attention of the network trained on all known pairs, by scale (0 to 1)."
        tables.append(Table.from_frame(caption, shown))
    return Section(name, title, paragraphs, pictures, tables)


def _predictions(runs: Runs) -> Section:
    found = runs.predictions
    n_unknown = int(found.score_counts["unknown"].sum())
    paragraphs = [
        f"The model was trained on all known interactions and ranked the {n_unknown:,} unknown pairs of "
        f"their RNAs; these are the first {len(found.candidates)}. They are "
        "hypotheses: see what the labels are.",
        "Paths counts the chains of three known interactions that join the two. The details of a pair share "
        "its log-odds out among what the model reads of it (Shapley values, which add up to the score), and "
        "list its target sites and the known interactions that speak for it.",
    ]
    if "binding_score" in found.candidates:
        paragraphs.append(
            "By the list is the score as learned from the list alone, by sites what reads of Argonaute say "
            "of the pair's sites. The score adds the odds of both, as if few windows in thousands were bound."
        )
    pictures = [draw_score_counts(found.score_counts, found.candidates)]
    return Section("predictions", "Predictions", paragraphs, pictures)


def _named(caption: str, summary: pd.DataFrame) -> Table:
    """Return a summary by model with the names of its figures."""
    shown = summary.rename(columns=METRIC_NAMES).rename_axis("Model").reset_index()
    shown.columns.name = None
    return Table.from_frame(caption, shown)
