"""Agreement with the list beside agreement with reads of Argonaute."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.metrics import average_precision_score, roc_auc_score

from sklearn_mferl.baselines import SiteScore
from sklearn_mferl.datasets import CMIData
from sklearn_mferl.datasets.pairs_file import pair_ids, read_pairs
from sklearn_mferl.evaluation import pair_folds
from sklearn_mferl.experiments.running.files import write_results
from sklearn_mferl.experiments.running.folds import cells_of_folds, score_fold
from sklearn_mferl.experiments.running.runner import run_cells
from sklearn_mferl.experiments.settings import Settings, read_data
from sklearn_mferl.plotting.experiments import plot_binding
from sklearn_mferl.utils.validation import SIDES

_LEAST_IDENTITY: Final = 0.9  # of a read with the circRNA, where this is told
_TRUTHS: Final = ("list", "reads")


def binding(
    data: Any,
    reads: Any,
    *,
    models: Mapping[str, Any] | None = None,
    split: str = "pair",
    n_splits: int | None = None,
    **settings: Any,
) -> pd.DataFrame:
    """Ask two truths at once: does a model agree with the list, and with reads that show contact.

    In each fold a model is trained on pairs of the list and drawn negatives. It scores the test pairs of the
    fold, and the pairs of RNAs with reads that the list does not hold and no negative is: do those stand
    higher that a read of Argonaute with both RNAs supports? Lists were made with target prediction, reads
    were not. Writes ``binding.csv`` (the result), ``binding_scores.csv`` (each scored pair) and
    ``binding_auc`` as PNG and SVG.

    Parameters
    ----------
    data, split, n_splits, **settings
        As in `cv`; both RNAs need sequences.
    reads : DataFrame or path of a CSV file
        Pairs that reads support, ``circrna`` and ``mirna``; where it has ``fraction_identical``, those of
        at least 0.9. The other pairs of all RNAs in it are taken for unsupported.
    models : mapping of str to classifier, default=None
        As in `cv`; None adds the preset ``"binding"``, the duplex score and the length of the circRNA.

    Returns
    -------
    DataFrame, shape (n_models * n_splits * 2, 9)
        A row for each model, fold and truth: ``model``, ``fold``, ``truth`` ("list" or "reads"),
        ``positives``, ``negatives``, ``auc``, ``aupr``, and ``within_circrna`` and ``within_mirna``, the mean
        AUC among the pairs of one RNA, weighted by its positives.

    Raises
    ------
    ValueError
        As in `cv`, or if no unlisted pair, or every one, is supported by a read.

    Examples
    --------
    >>> from sklearn_mferl.baselines import SeedCount
    >>> from sklearn_mferl.datasets import make_cmi
    >>> from sklearn_mferl.experiments import binding
    >>> data = make_cmi(60, 30, random_state=0)
    >>> reads = data.pairs[::2]  # as if the list had missed these
    >>> data = data.__class__("half", data.pairs[1::2], data.circrna, data.mirna)
    >>> figures = binding(data, reads, models={"seeds": SeedCount(data.circrna, data.mirna)}, n_splits=3)
    >>> figures["truth"].tolist()[:2]
    ['list', 'reads']
    """
    common, data = Settings(**settings), read_data(data)
    listed, y = common.draw_pairs(data)
    candidates = _find_candidates(reads, listed, data)
    models = _make_models(common, data) if models is None else models
    pairs = pd.concat([listed, candidates[list(SIDES)]], ignore_index=True)
    labels = np.concatenate([y, candidates["supported"]])
    unlisted = np.arange(len(listed), len(pairs))
    folds = [
        (train, np.concatenate([test, unlisted]))
        for train, test in pair_folds(listed, y, split, n_splits, common.random_state)
    ]
    cells: dict[str, Any] = {}
    for name, model in models.items():
        cells |= cells_of_folds(name, pairs, labels, folds, {"model": name}, model=model)
    options = {"models": models, "split": split, "folds": n_splits, "reads": candidates.to_numpy().tolist()}
    scores = run_cells(score_fold, cells, "binding", common, data, **options)["scores"]
    scores["truth"] = np.where(scores["row"] < len(listed), *_TRUTHS)
    scores = scores.drop(columns="row")
    groups = scores.groupby(["model", "fold", "truth"], sort=False)
    result = pd.DataFrame(
        [
            {"model": model, "fold": fold, "truth": truth, **_figures(rows)}
            for (model, fold, truth), rows in groups
        ]
    )
    tables = {"binding": result, "binding_scores": scores}
    write_results(common.folder, tables, {"binding_auc": lambda: plot_binding(result)})
    return result


def _make_models(common: Settings, data: CMIData) -> dict[str, Any]:
    """Return the usual models, and what knows of sites alone."""
    sites = replace(common, preset="binding", params={}, out=None)
    rnas: dict[str, Any] = {"circrna": data.circrna, "mirna": data.mirna, "circular": common.circular}
    return {
        **common.make_models(data),
        "binding": sites.make_model(data),
        "duplex score": SiteScore(**rnas),
        "circRNA length": SiteScore(**rnas, column="target_log_length"),
    }


def _find_candidates(reads: Any, listed: pd.DataFrame, data: CMIData) -> pd.DataFrame:
    """Return the unlisted pairs of RNAs with reads, and which of them a read supports."""
    table = reads if isinstance(reads, pd.DataFrame) else read_pairs(Path(reads))
    ids = pair_ids(table)
    known = ids["circrna"].isin(list(data.circrna or {})) & ids["mirna"].isin(list(data.mirna or {}))
    identity = table.get("fraction_identical", pd.Series(1.0, index=table.index)).astype(float)
    axes = [sorted(set(ids.loc[known, side])) for side in SIDES]
    cells = pd.MultiIndex.from_product(axes, names=list(SIDES))
    cells = cells.difference(pd.MultiIndex.from_frame(listed[list(SIDES)]), sort=False)
    supported = cells.isin(pd.MultiIndex.from_frame(ids[identity >= _LEAST_IDENTITY]))
    if supported.all() or not supported.any():
        raise ValueError(
            f"Reads support {supported.sum()} of {len(cells)} unlisted pairs of RNAs with sequences; there "
            "must be both kinds. Are the ids those of the data?"
        )
    return cells.to_frame(index=False).assign(supported=supported.astype(np.int64))


def _figures(rows: pd.DataFrame) -> dict[str, float]:
    y, score = rows["label"].to_numpy(), rows["score"].to_numpy()
    return {
        "positives": int(y.sum()),
        "negatives": int((1 - y).sum()),
        "auc": roc_auc_score(y, score),
        "aupr": average_precision_score(y, score),
        **{f"within_{side}": _within(rows[side].to_numpy(), y, score) for side in SIDES},
    }


def _within(group: NDArray[np.object_], y: NDArray[np.int64], score: NDArray[np.float64]) -> float:
    """Return the mean AUC within groups that have both labels, weighted by their positives."""
    aucs, weights = [], []
    for name in np.unique(group):
        inside = group == name
        if 0 < y[inside].sum() < inside.sum():
            aucs.append(roc_auc_score(y[inside], score[inside]))
            weights.append(y[inside].sum())
    return float(np.average(aucs, weights=weights)) if aucs else float("nan")
