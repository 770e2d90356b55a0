"""What each part of the model is worth: it is left out, and the rest cross-validated (`ablation`)."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any, Final

import pandas as pd
from sklearn.pipeline import Pipeline

from sklearn_mferl.datasets import CMIData
from sklearn_mferl.evaluation import pair_folds
from sklearn_mferl.experiments.running.ablation_summary import summarize_ablation
from sklearn_mferl.experiments.running.files import write_figure, write_table
from sklearn_mferl.experiments.running.folds import test_share
from sklearn_mferl.experiments.running.runner import Cell, run_cells
from sklearn_mferl.experiments.running.variants import Variant, score_variants
from sklearn_mferl.experiments.settings import Settings, read_data
from sklearn_mferl.plotting.ablation import WHOLE, plot_ablation
from sklearn_mferl.utils.parameters import check_whole
from sklearn_mferl.utils.random_state import spawn_seeds

_PRESETS: Final = {"network": "paper", "evidence": "best"}
_OF_NETWORK: Final[dict[str, dict[str, Any]]] = {
    "w/o cl": {"contrastive_weight": 0.0},
    "w/o homo": {"homogeneous": None},
    "w/o mcam": {"attention": None},
    "w/o heter": {"bilinear": False},
    "change_homo": {"homogeneous": "fuse_first"},
}


def ablation(
    data: Any,
    *,
    n_splits: int | None = None,
    split: str = "pair",
    parts: Sequence[str] = ("network", "evidence"),
    n_repeats: int = 1,
    **settings: Any,
) -> pd.DataFrame:
    """Leave out one part of the model at a time, and cross-validate what remains on the same folds.

    Writes ``ablation.csv`` (the result), ``ablation_summary.csv`` (each variant's mean, standard deviation
    and difference to the whole) and ``ablation`` as PNG and SVG. A fold of a part is computed at a time;
    its variants share the features, which cost more than they do.

    Parameters
    ----------
    data : CMIData, str or Path
        Data, or a folder as `load_cmi` reads it.
    n_splits : int, default=None
        Number of folds; None is 5, and 3 for ``split="both"``.
    split : {"pair", "circrna", "mirna", "both"}, default="pair"
        What a test fold has that training has not seen.
    parts : sequence of {"network", "evidence"}, default=("network", "evidence")
        Which models to take apart:

        - ``"network"``: the publication's (``preset="paper"``), as it does: without contrastive learning
          (``w/o cl``), without aggregation over similar RNAs (``w/o homo``), without dual-convolutional
          attention (``w/o mcam``), without the interaction with the other kind (``w/o heter``), and with
          the scales fused first and aggregated then (``change_homo``);
        - ``"evidence"``: that of ``preset="best"`` without each channel of evidence (``w/o sites``,
          ``w/o neighborhood``).

        What the data or the settings do not have cannot be left out; a warning says so.
    n_repeats : int, default=1
        How often to do all this, with other negatives, folds and seeds each time, at least 1.
    **settings
        As in `Settings`. `preset` has no effect; a parameter in `params` that only one of the two models
        has is set there.

    Returns
    -------
    DataFrame
        A row for each variant and fold: ``part``, ``variant`` (first ``whole``), ``repeat`` and ``fold``
        (from 1), and the figures as in `cv`.

    Raises
    ------
    ValueError
        If a part is not one of the two, neither model has a parameter in `params`, or `n_repeats` is not
        at least 1.

    References
    ----------
    Peng L, Wang W, Yang Z, et al. Leveraging explainable multi-scale features for fine-grained
    circRNA-miRNA interaction prediction. BMC Biology 23, 121 (2025), Fig. 4D-F.

    Examples
    --------
    >>> from sklearn_mferl.datasets import make_cmi
    >>> from sklearn_mferl.experiments import ablation
    >>> data = make_cmi(30, 12, circrna_length=(60, 200), random_state=0)
    >>> light = {"features__doc2vec": "drop", "features__role2vec": "drop", "mferl__max_epochs": 1}
    >>> light |= {"mferl__embedding_dim": 8, "mferl__batch_size": 64}
    >>> figures = ablation(data, parts=["network"], n_splits=2, params=light)
    >>> figures["variant"].unique().tolist()
    ['whole', 'w/o cl', 'w/o homo', 'w/o mcam', 'w/o heter', 'change_homo']
    """
    common = Settings(**settings)
    data = read_data(data)
    check_whole("n_repeats", n_repeats)
    models = _make_models(common, data, parts)
    variants = {part: _VARIANTS[part](model, data) for part, model in models.items()}
    seeds = [common.random_state, *spawn_seeds(common.random_state, n_repeats)[1:]]
    cells, all_folds = [], []
    for repeat, seed in enumerate(seeds, start=1):
        seeded = _make_models(replace(common, random_state=seed), data, parts)
        pairs, y = common.draw_pairs(data, random_state=seed)
        folds = pair_folds(pairs, y, split, n_splits, seed)
        all_folds += folds
        for fold, (train, test) in enumerate(folds, start=1):
            fixed = {"pairs": pairs, "y": y, "train": train, "test": test}
            for part, model in seeded.items():
                keys = {"part": part, "repeat": repeat, "fold": fold}
                arguments = {"model": model, "variants": variants[part], "keys": keys, **fixed}
                cells.append(Cell(f"{part}-repeat={repeat}-fold={fold}", arguments))
    names = {part: [variant.name for variant in of_part] for part, of_part in variants.items()}
    figures = run_cells(
        score_variants,
        cells,
        experiment="ablation",
        identity=common.identify(data, split=split, folds=len(folds)),
        out=common.folder,
        n_jobs=common.n_jobs,
        progress=common.progress,
    )["figures"]
    figures = _by_variant(figures, names)
    write_table(figures, common.folder, "ablation")
    if common.folder is not None:
        summary = summarize_ablation(figures, test_share=test_share(all_folds))
        write_table(summary, common.folder, "ablation_summary")
        write_figure(plot_ablation(figures), common.folder, "ablation")
    return figures


def _make_models(common: Settings, data: CMIData, parts: Sequence[str]) -> dict[str, Pipeline]:
    """Make the whole model of each part, with those of the settings' parameters that it has."""
    unknown = set(parts) - set(_PRESETS)
    if unknown or not parts or isinstance(parts, str):
        raise ValueError(f"parts must be some of {list(_PRESETS)}; got {parts!r}.")
    models: dict[str, Pipeline] = {}
    taken: set[str] = set()
    for part in parts:
        plain = replace(common, preset=_PRESETS[part], params={})
        known = plain.make_model(data).get_params()
        params = {name: value for name, value in common.params.items() if name in known}
        models[part] = plain.make_model(data, **params)
        taken |= set(params)
    foreign = sorted(set(common.params) - taken)
    if foreign:
        raise ValueError(f"params has {foreign[0]!r}, which no model of the parts {list(parts)} has.")
    return models


def _network_variants(model: Pipeline, data: CMIData) -> list[Variant]:
    """Return the whole network and the variants that differ from it."""
    present = model["mferl"].get_params()
    has_graph = any(hasattr(scale, "graph") for _, scale in model["features"].scales)
    variants = [Variant(WHOLE)]
    for name, params in _OF_NETWORK.items():
        if all(present[key] == value for key, value in params.items()):
            _leave_out(name, "the whole network is like that")
        elif "homogeneous" in params and not has_graph:
            _leave_out(name, "no scale says which RNAs are similar")
        else:
            variants.append(Variant(name, params))
    return variants


def _evidence_variants(model: Pipeline, data: CMIData) -> list[Variant]:
    """Return the whole evidence and the variants without each channel that these data have."""
    names = list(_readable_channels(model, data))
    if len(names) < 2:
        _leave_out("w/o evidence", f"there is only {' and '.join(names) or 'none'} for these data")
        return [Variant(WHOLE)]
    return [Variant(WHOLE), *(Variant(f"w/o {name}", without=name) for name in names)]


_VARIANTS: Final[dict[str, Callable[[Pipeline, CMIData], list[Variant]]]] = {
    "network": _network_variants,
    "evidence": _evidence_variants,
}


def _readable_channels(model: Pipeline, data: CMIData) -> Iterator[str]:
    """Name the channels in use; `PairFeatures` leaves out those that need sequences of both sides."""
    has_sequences = data.circrna is not None and data.mirna is not None
    for name, channel in model["features"].evidence or []:
        if channel != "drop" and (has_sequences or "embeddings" in channel.get_params()):
            yield name


def _leave_out(name: str, reason: str) -> None:
    warnings.warn(f"The ablation has no variant {name!r}: {reason}.", UserWarning, stacklevel=4)


def _by_variant(figures: pd.DataFrame, names: dict[str, list[str]]) -> pd.DataFrame:
    """Sort the rows by part, variant, repeat and fold."""
    order = [(part, variant) for part, variants in names.items() for variant in variants]
    place = pd.Series(range(len(order)), index=pd.MultiIndex.from_tuples(order))
    wanted = place.loc[list(zip(figures["part"], figures["variant"], strict=True))].to_numpy()
    figures = figures.iloc[wanted.argsort(kind="stable")].reset_index(drop=True)
    first = ["part", "variant", "repeat", "fold"]
    return figures[first + [column for column in figures if column not in first]]
