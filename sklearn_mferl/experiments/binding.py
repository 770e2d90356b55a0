"""Agreement with the list beside agreement with reads of Argonaute."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.metrics import average_precision_score, roc_auc_score
from sklearn.model_selection import GroupKFold

from sklearn_mferl.baselines import SeedCount, SiteScore
from sklearn_mferl.datasets import CMIData
from sklearn_mferl.datasets.pairs_file import pair_ids, read_pairs
from sklearn_mferl.datasets.sites_file import SITE_COLUMNS, read_labelled_sites
from sklearn_mferl.evaluation import pair_folds
from sklearn_mferl.experiments.running.files import write_results
from sklearn_mferl.experiments.running.folds import Folds, cells_of_folds, score_fold
from sklearn_mferl.experiments.running.runner import run_cells
from sklearn_mferl.experiments.settings import Settings, describe_value, read_data
from sklearn_mferl.models.sites import SiteClassifier
from sklearn_mferl.plotting.experiments import plot_binding
from sklearn_mferl.utils.validation import SIDES, find_columns

_LEAST_IDENTITY: Final = 0.9  # of a read with the circRNA, where this is told
_TRUTHS: Final = ("list", "reads")
_SITE_FOLDS: Final = 5


def binding(
    data: Any,
    reads: Any,
    *,
    sites: Any = None,
    models: Mapping[str, Any] | None = None,
    site_models: Mapping[str, Any] | None = None,
    split: str = "pair",
    n_splits: int | None = None,
    **settings: Any,
) -> pd.DataFrame:
    """Ask two truths at once: does a model agree with the list, and with reads of Argonaute.

    In each fold a model is trained on pairs of the list and drawn negatives. It scores the test pairs of the
    fold, and the pairs of RNAs with reads that the list does not hold and no negative is: do those stand
    higher that a read of Argonaute with both RNAs supports? Lists were made with target prediction, reads
    were not. With `sites`, what reads one site is cross-validated on these as well, by chromosomes. Writes
    ``binding.csv`` (the result), ``binding_scores.csv`` (each scored pair; a site is a pair of sequences) and
    ``binding_auc`` as PNG and SVG.

    Parameters
    ----------
    data, split, n_splits, **settings
        As in `cv`; both RNAs need sequences.
    reads : DataFrame or path of a CSV file
        Pairs that reads support, ``circrna`` and ``mirna``; where it has ``fraction_identical``, those of
        at least 0.9. The other pairs of all RNAs in it are taken for unsupported.
    sites : DataFrame or path of a CSV file, default=None
        Labelled sites with ``target``, ``mirna``, ``label`` and ``chromosome``, as `fetch_ago_sites` gives
        them. Those without a chromosome are always in training.
    models : mapping of str to classifier, default=None
        As in `cv`; None adds the preset ``"binding"``, the duplex score and the length of the circRNA.
    site_models : mapping of str to classifier, default=None
        Classifiers of `sites`; None takes `SiteClassifier`, named "binding", the duplex score and the seed
        count.

    Returns
    -------
    DataFrame, shape (n_rows, 9)
        A row for each model, fold and truth: ``model``, ``fold``, ``truth`` ("list", "reads" or "sites"),
        ``positives``, ``negatives``, ``auc``, ``aupr``, and ``within_circrna`` and ``within_mirna``, the mean
        AUC among the pairs of one RNA, weighted by its positives; NaN where no RNA has both labels.

    Raises
    ------
    ValueError
        As in `cv`, or if no unlisted pair, or every one, is supported by a read, or the sites are of fewer
        chromosomes than folds.

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
    if sites is not None:  # refused before the work, if need be
        sites = _read_sites(sites)
        site_folds = _fold_sites(sites, n_splits or _SITE_FOLDS)
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
    if sites is not None:
        of_sites = _score_sites(sites, site_folds, site_models, common, data)
        scores = pd.concat([scores, of_sites], ignore_index=True)
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


def _score_sites(
    sites: pd.DataFrame, folds: Folds, models: Mapping[str, Any] | None, common: Settings, data: CMIData
) -> pd.DataFrame:
    """Cross-validate classifiers of sites."""
    if models is None:
        models = {
            "binding": SiteClassifier(device=common.device, random_state=common.random_state),
            "duplex score": SiteScore(circular=False),
            "seed count": SeedCount(circular=False),
        }
    pairs, y = sites.iloc[:, :2].set_axis(list(SIDES), axis=1), sites["label"].to_numpy()
    cells: dict[str, Any] = {}
    for name, model in models.items():
        cells |= cells_of_folds(name, pairs, y, folds, {"model": name}, model=model)
    options = {"models": models, "folds": len(folds), "sites": describe_value(sites)}
    scores = run_cells(score_fold, cells, "binding-sites", common, data, **options)["scores"]
    return scores.drop(columns="row").assign(truth="sites")


def _read_sites(sites: Any) -> pd.DataFrame:
    """Return labelled sites as a table of known columns."""
    if not isinstance(sites, pd.DataFrame):
        return read_labelled_sites(Path(sites))
    sites = sites[find_columns(sites.columns, "sites has", SITE_COLUMNS)].set_axis(list(SITE_COLUMNS), axis=1)
    # as pandas reads them, an unknown chromosome is NaN, and some may be numbers
    return sites.assign(
        chromosome=sites["chromosome"].astype(object).where(sites["chromosome"].notna(), "").map(str)
    )


def _fold_sites(sites: pd.DataFrame, n_splits: int) -> Folds:
    """Return folds that test chromosomes of their own; sites without one are always in training."""
    chromosome = sites["chromosome"].to_numpy()
    tested = np.flatnonzero(chromosome != "")
    n_chromosomes = len(set(chromosome[tested]))
    if n_chromosomes < n_splits:
        raise ValueError(
            f"The sites are of {n_chromosomes} chromosomes, and each of {n_splits} folds needs one of its "
            "own; give sites with a column chromosome, or fewer folds."
        )
    tests = [tested[test] for _, test in GroupKFold(n_splits).split(tested, groups=chromosome[tested])]
    return [(np.setdiff1d(np.arange(len(sites)), test), test) for test in tests]


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
