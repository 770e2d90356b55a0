"""What each part of the model is worth: it is left out, and the rest cross-validated (`ablation`)."""

import warnings
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

import numpy as np
import pandas as pd
from sklearn.pipeline import Pipeline

from sklearn_mferl.datasets import CMIData
from sklearn_mferl.evaluation import pair_folds
from sklearn_mferl.experiments.running.files import write_results
from sklearn_mferl.experiments.running.folds import cells_of_folds, make_repeats, test_share
from sklearn_mferl.experiments.running.runner import run_cells
from sklearn_mferl.experiments.running.variants import Variant, score_variants
from sklearn_mferl.experiments.settings import Settings, read_data
from sklearn_mferl.experiments.statistics import corrected_t_test
from sklearn_mferl.plotting.experiments import WHOLE, plot_ablation

_KEYS: Final = ["part", "variant", "repeat", "fold"]
_PRESETS: Final = {"network": "paper", "evidence": "best"}
_OF_NETWORK: Final[dict[str, dict[str, Any]]] = {
    "w/o cl": {"contrastive_weight": 0.0},
    "w/o homo": {"homogeneous": None},
    "w/o mcam": {"attention": None},
    "w/o heter": {"bilinear": False},
    "change_homo": {"homogeneous": "fuse_first"},
}
_OF_STACK: Final[dict[str, dict[str, Any]]] = {
    "w/o network": {"network": "drop"},
    "w/o evidence network": {"evidence": "drop"},
    "w/o trees": {"boosting": "drop"},
    "w/o cl": {"network__contrastive_weight": 0.0},
    "w/o views": {"network__new_share": 0.0},
    "w/o calibration": {"calibrate": False},
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
    its variants share the features, which cost more than they do. This is the publication's Fig. 4D-F.

    Parameters
    ----------
    data, split, n_splits, **settings
        As in `cv`; `preset` has no effect, and a parameter in `params` that only one of the two models has
        is set there.
    parts : sequence of {"network", "evidence"}, default=("network", "evidence")
        Which models to take apart:

        - ``"network"``: the publication's (``preset="paper"``) without contrastive learning (``w/o cl``),
          aggregation over similar RNAs (``w/o homo``), dual-convolutional attention (``w/o mcam``) or the
          interaction with the other kind (``w/o heter``), and with the scales fused first and aggregated
          then (``change_homo``);
        - ``"evidence"``: that of ``preset="best"`` without each channel of evidence (``w/o sites``,
          ``w/o neighborhood``, ``w/o binding``) and each scale (``w/o kmer``), each of its members
          (``w/o network``, the one that reads the RNAs, ``w/o evidence network``, ``w/o trees``),
          contrastive learning (``w/o cl``) or RNAs shown as new (``w/o views``) in its network, and
          calibration (``w/o calibration``).

        What the data or the settings do not have cannot be left out; a warning says so.
    n_repeats : int, default=1
        How often to do all this, as in `repeated_cv`.

    Returns
    -------
    DataFrame
        A row for each variant and fold: ``part``, ``variant`` (first ``whole``), ``repeat`` and ``fold``
        (from 1), and the figures as in `cv`.

    Raises
    ------
    ValueError
        As in `repeated_cv`, or if a part is not one of the two, or neither model has a parameter in `params`.

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
    common, data = Settings(**settings), read_data(data)
    models = _make_models(common, data, parts)
    variants = {part: _VARIANTS[part](model, data) for part, model in models.items()}
    cells: dict[str, Any] = {}
    all_folds: list[Any] = []
    for of_repeat, each, _ in make_repeats(common, n_repeats, split):
        models = _make_models(each, data, parts)
        pairs, y = each.draw_pairs(data)
        folds = pair_folds(pairs, y, split, n_splits, each.random_state)
        all_folds += folds
        for part, model in models.items():
            name, keys = f"{part}-repeat={of_repeat['repeat']}", {"part": part, **of_repeat}
            cells |= cells_of_folds(name, pairs, y, folds, keys, model=model, variants=variants[part])
    options = {"split": split, "folds": len(folds)}
    figures = run_cells(score_variants, cells, "ablation", common, data, **options)["figures"]
    order = [(part, each.name) for part in variants for each in variants[part]]
    figures = figures.set_index(["part", "variant"]).loc[order].reset_index()
    figures = figures[[*_KEYS, *figures.columns.drop(_KEYS)]]
    if common.folder is not None:
        summary = summarize_ablation(figures, test_share=test_share(all_folds))
        tables = {"ablation": figures, "ablation_summary": summary}
        write_results(common.folder, tables, {"ablation": lambda: plot_ablation(figures)})
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
    # `PairFeatures` leaves out channels that need sequences of both sides
    has_sequences = data.circrna is not None and data.mirna is not None
    names = [
        name
        for name, channel in model["features"].evidence or []
        if channel != "drop" and (has_sequences or "embeddings" in channel.get_params())
    ]
    if len(names) < 2:
        _leave_out("w/o evidence", f"there is only {' and '.join(names) or 'none'} for these data")
        names = []
    present = model["mferl"].get_params()
    scales = [name for name, scale in model["features"].scales if scale != "drop"]
    if len(scales) > 1 and present.get("network", "drop") != "drop":
        names += scales
    variants = [Variant(WHOLE), *(Variant(f"w/o {name}", without=name) for name in names)]
    # what the settings have left out cannot be left out again, nor a parameter of it
    return variants + [
        Variant(name, params)
        for name, params in _OF_STACK.items()
        if all(present.get(key, value) != value for key, value in params.items())
    ]


_VARIANTS: Final = {"network": _network_variants, "evidence": _evidence_variants}


def _leave_out(name: str, reason: str) -> None:
    warnings.warn(f"The ablation has no variant {name!r}: {reason}.", UserWarning, stacklevel=4)


def summarize_ablation(figures: pd.DataFrame, *, test_share: float) -> pd.DataFrame:
    """Compare each variant with the whole model on the same folds."""
    rows = []
    for part, of_part in figures.groupby("part", sort=False):
        tables = dict(list(of_part.groupby("variant", sort=False)))
        for variant, table in tables.items():
            for metric in table.columns.drop(_KEYS):
                values, whole = table[metric].to_numpy(), tables[WHOLE][metric].to_numpy()
                row = {"part": part, "variant": variant, "metric": metric, "mean": values.mean()}
                row |= {"sd": values.std(ddof=1), "difference": (values - whole).mean(), "p": np.nan}
                if variant != WHOLE and np.isfinite([values, whole]).all():
                    row["p"] = corrected_t_test(values, whole, test_share=test_share).pvalue
                rows.append(row)
    return pd.DataFrame(rows)
