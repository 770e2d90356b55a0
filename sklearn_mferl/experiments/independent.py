"""Training on one data set, test on another."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from sklearn_mferl.evaluation.cross_validation import figures_of
from sklearn_mferl.experiments.running import two_folders
from sklearn_mferl.experiments.running.files import write_results
from sklearn_mferl.experiments.running.folds import score_fold
from sklearn_mferl.experiments.running.runner import run_cells
from sklearn_mferl.experiments.running.two_folders import NOVELTIES, describe_overlap, draw_test_pairs
from sklearn_mferl.experiments.settings import Settings, describe_data, read_data
from sklearn_mferl.plotting.experiments import plot_independent
from sklearn_mferl.utils.random_state import spawn_seeds


def independent(
    data: Any,
    test: Any,
    *,
    models: Mapping[str, Any] | None = None,
    conflicts: str = "raise",
    **settings: Any,
) -> pd.DataFrame:
    """Train on one data set and test on another.

    Training sees the pairs of `data` with drawn negatives and nothing of the pairs of `test`. Tested are the
    known pairs of `test` that training has not seen, and negatives, by the setting `ratio`, of their RNAs.
    An RNA counts as the same as one of training under its id, and with its sequence under any id.

    Writes ``independent.csv`` (the result), ``independent_scores.csv`` (each test pair),
    ``independent_overlap.csv`` (how many RNAs and pairs of the test are in training, by id and by sequence)
    and ``independent_curves`` as PNG and SVG. This is the publication's Table S1.

    Parameters
    ----------
    data, **settings
        As in `cv`; the data are those to train on.
    test : CMIData, str or Path
        Data to test on. Sequences, or vectors, of a side must be known in both or in neither; vectors must be
        of one embedding of all RNAs.
    models : mapping of str to classifier, default=None
        As in `cv`; they must know the RNAs of both.
    conflicts : {"raise", "drop"}, default="raise"
        What to do with RNAs of one id but two sequences or vectors: refuse them, or leave them out of the
        test.

    Returns
    -------
    DataFrame, shape (n_models * 5, 13)
        A row for each model and novelty: ``model``, ``novelty`` (``"all"``, then those with neither end
        new to training, a new miRNA, a new circRNA, and both), ``positives`` and ``negatives`` (how many),
        and the figures, as in `cv`; they are missing where there are not both.

    Raises
    ------
    ValueError
        If an id has two sequences or vectors, only one of the data sets has sequences or vectors of a side,
        no test pair is left, or a parameter is not among those above.

    Examples
    --------
    >>> from dataclasses import replace
    >>> from sklearn_mferl.baselines import SeedCount
    >>> from sklearn_mferl.datasets import make_cmi
    >>> from sklearn_mferl.experiments import independent
    >>> known = make_cmi(60, 30, random_state=0)
    >>> data, test = replace(known, pairs=known.pairs[:120]), replace(known, pairs=known.pairs[120:])
    >>> figures = independent(data, test, models={"seeds": SeedCount(known.circrna, known.mirna)})
    >>> figures[["model", "novelty"]].values.tolist()[0]
    ['seeds', 'all']
    """
    common = Settings(**settings)
    if conflicts not in ("raise", "drop"):
        raise ValueError(f"conflicts must be 'raise' or 'drop'; got {conflicts!r}.")
    data, test = two_folders.normalized(read_data(data)), two_folders.normalized(read_data(test))
    if conflicts == "drop":
        test = two_folders.without_conflicts(data, test)
    both = two_folders.join_rnas(data, test)
    trained, y_trained = common.draw_pairs(data)
    seed = spawn_seeds(common.random_state, 2)[1]  # not that of the training negatives
    tested, y_tested, novelty = draw_test_pairs(data, trained, test, common.ratio, common.negatives, seed)
    models = common.make_models(both) if models is None else models
    rows = np.arange(len(trained) + len(tested))
    shared = {
        "pairs": pd.concat([trained, tested], ignore_index=True),
        "y": np.concatenate([y_trained, y_tested]),
        "train": rows[: len(trained)],
        "test": rows[len(trained) :],
    }
    cells = {name: {"model": model, **shared, "keys": {"model": name}} for name, model in models.items()}
    options = {"test": describe_data(test), "conflicts": conflicts, "models": models}
    tables = run_cells(score_fold, cells, "independent", common, data, **options)
    scores = tables["scores"].drop(columns="row")
    scores.insert(3, "novelty", np.tile(novelty, len(models)))
    result = pd.DataFrame(
        [
            {"model": model, "novelty": name, **_figures(rows)}
            for model, of_model in scores.groupby("model", sort=False)
            for name in ("all", *NOVELTIES)
            for rows in [of_model if name == "all" else of_model[of_model["novelty"] == name]]
        ]
    )
    overlap = describe_overlap(data, test)
    write_results(
        common.folder,
        {"independent": result, "independent_scores": scores, "independent_overlap": overlap},
        {"independent_curves": lambda: plot_independent(scores, result)},
    )
    return result


def _figures(scores: pd.DataFrame) -> dict[str, float]:
    y, score = scores["label"].to_numpy(), scores["score"].to_numpy()
    counts: dict[str, float] = {"positives": int(y.sum()), "negatives": int((y == 0).sum())}
    if min(counts.values()) == 0:
        return counts
    return {**counts, **figures_of(y, score)}
