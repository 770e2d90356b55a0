"""How the publication's network depends on its parameters, one at a time (`sensitivity`)."""

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

import numpy as np
import pandas as pd
from sklearn.base import clone
from sklearn.pipeline import Pipeline

from sklearn_mferl.evaluation import pair_folds
from sklearn_mferl.experiments.running.files import write_results
from sklearn_mferl.experiments.running.folds import cells_of_folds
from sklearn_mferl.experiments.running.runner import run_cells
from sklearn_mferl.experiments.running.variants import Variant, score_variants
from sklearn_mferl.experiments.settings import Settings, describe_value, read_data
from sklearn_mferl.plotting.experiments import plot_heat_maps

DEFAULT_GRID: Final[dict[str, tuple[float, ...]]] = {
    "embedding_dim": (32, 64, 128, 256),
    "lr": (1e-4, 1e-3, 1e-2, 1e-1),
    "temperature": (0.01, 0.05, 0.1, 0.15),
    "threshold": (0.3, 0.5, 0.7, 0.9),
}
"""Values of `sensitivity`: the publication's where it names them."""

_FULL_NAMES: Final = {
    "embedding_dim": "mferl__embedding_dim",
    "lr": "mferl__lr",
    "temperature": "mferl__temperature",
    "threshold": "features__similarity__threshold",
}
_DEFAULT: Final = "default"
_KEYS: Final = ["parameter", "value", "is_default"]


def sensitivity(
    data: Any,
    *,
    grid: Mapping[str, Sequence[Any]] | None = None,
    n_splits: int | None = None,
    split: str = "pair",
    **settings: Any,
) -> pd.DataFrame:
    """Cross-validate the publication's network with one parameter at a time set to other values.

    Writes ``sensitivity.csv`` (the result) and heat maps, ``sensitivity`` as PNG and SVG, as Fig. 4A-C of
    the publication.

    Parameters
    ----------
    data, split, n_splits, **settings
        As in `cv`; `preset` has no effect, and `params` are the values of all that is not varied.
    grid : mapping of str to sequence, default=None
        Values by parameter: ``embedding_dim``, ``lr``, ``temperature`` (τ), ``threshold`` of the graph of
        similar RNAs, or any parameter of the pipeline such as ``mferl__dropout``. None takes 32 to 256,
        0.0001 to 0.1, 0.01 to 0.15 and 0.3 to 0.9, four values each.

    Returns
    -------
    DataFrame
        A row for each parameter, value and fold: ``parameter``, ``value``, ``is_default``, ``fold`` (from
        1) and the figures as in `cv`, NaN where training diverged. The default is computed once, and
        stands at each parameter.

    Raises
    ------
    ValueError
        If the network has no such parameter, or one has no value or the same value twice.

    Examples
    --------
    >>> from sklearn_mferl.datasets import make_cmi
    >>> from sklearn_mferl.experiments import sensitivity
    >>> data = make_cmi(30, 12, circrna_length=(60, 200), random_state=0)
    >>> light = {"features__doc2vec": "drop", "features__role2vec": "drop", "mferl__max_epochs": 1}
    >>> figures = sensitivity(data, grid={"embedding_dim": (8, 16)}, n_splits=2, params=light)
    >>> figures[["parameter", "value", "fold"]].values.tolist()
    [['embedding_dim', 8, 1], ['embedding_dim', 8, 2], ['embedding_dim', 16, 1], ['embedding_dim', 16, 2]]
    """
    common, data = replace(Settings(**settings), preset="paper"), read_data(data)
    model = common.make_model(data)
    grid = _check_grid(grid, model)
    pairs, y = common.draw_pairs(data)
    folds = pair_folds(pairs, y, split, n_splits, common.random_state)
    cells: dict[str, Any] = {}
    for group, (varied, variants) in _groups(grid, model).items():
        cells |= cells_of_folds(group, pairs, y, folds, {}, model=varied, variants=variants)
    described = {name: [describe_value(value) for value in values] for name, values in grid.items()}
    options = {"split": split, "folds": len(folds), "grid": described}
    computed = run_cells(score_variants, cells, "sensitivity", common, data, **options)["figures"]
    figures = _by_parameter(computed, grid, model)
    write_results(common.folder, {"sensitivity": figures}, {"sensitivity": lambda: plot_heat_maps(figures)})
    return figures


def _check_grid(grid: Mapping[str, Sequence[Any]] | None, model: Pipeline) -> dict[str, list[Any]]:
    """Return the values by parameter; of the default grid those that this network has."""
    known = model.get_params()
    checked = {}
    for name, values in (DEFAULT_GRID if grid is None else grid).items():
        if _FULL_NAMES.get(name, name) not in known:
            if grid is not None:
                raise ValueError(
                    f"grid has {name!r}, which is no parameter of this network; give one of "
                    f"{list(_FULL_NAMES)} or a parameter of its pipeline, such as 'mferl__dropout'."
                )
            warnings.warn(f"This network has no {name}, which is left out.", UserWarning, stacklevel=3)
            continue
        checked[name] = [value.item() if isinstance(value, np.generic) else value for value in values]
        if not checked[name] or len({str(value) for value in checked[name]}) < len(checked[name]):
            raise ValueError(f"grid[{name!r}] must be different values, at least one; got {values!r}.")
    if not checked:
        raise ValueError("grid has no parameter.")
    return checked


def _groups(grid: Mapping[str, Sequence[Any]], model: Pipeline) -> dict[str, tuple[Pipeline, list[Variant]]]:
    """Return what is computed together, on the same features: the model that makes them, and variants.

    Values of a parameter of the classifier share the features; each of one of the features has its own.
    The default is computed once.
    """
    groups: dict[str, tuple[Pipeline, list[Variant]]] = {}
    for name, values in grid.items():
        full_name = _FULL_NAMES.get(name, name)
        step, parameter = full_name.split("__", 1)
        for value in values:
            setting = _name_setting(name, value, model)
            if setting == _DEFAULT:
                groups[_DEFAULT] = model, [Variant(_DEFAULT)]
            elif step == "mferl":
                groups.setdefault(name, (model, []))[1].append(Variant(setting, {parameter: value}))
            else:
                varied = clone(model).set_params(**{full_name: value})
                groups[setting] = varied, [Variant(setting)]
    return groups


def _by_parameter(computed: pd.DataFrame, grid: Mapping[str, Sequence[Any]], model: Pipeline) -> pd.DataFrame:
    """Give each parameter its rows, with the default among them."""
    tables = []
    for name, values in grid.items():
        for value in values:
            setting = _name_setting(name, value, model)
            table = computed[computed["variant"] == setting].drop(columns="variant")
            tables.append(table.assign(parameter=name, value=value, is_default=setting == _DEFAULT))
    joined = pd.concat(tables, ignore_index=True)
    return joined[[*_KEYS, *joined.columns.drop(_KEYS)]]


def _name_setting(name: str, value: Any, model: Pipeline) -> str:
    is_default = model.get_params()[_FULL_NAMES.get(name, name)] == value
    return _DEFAULT if is_default else f"{name}={value}"
