"""Maps of pairs that were held out, kept when they are finished."""

from importlib.util import find_spec
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.base import clone
from sklearn.preprocessing import StandardScaler

from sklearn_mferl.datasets import CMIData
from sklearn_mferl.evaluation import pair_folds
from sklearn_mferl.experiments.running.runner import run_cells
from sklearn_mferl.experiments.settings import Settings
from sklearn_mferl.inspection import EmbeddingMaps, embedding_maps
from sklearn_mferl.models import find_network
from sklearn_mferl.pairs import PairTable

_MOST_PAIRS: Final = 600
_FEWEST_OF_A_CLASS: Final = 5
_LAYERS: Final = {"initial": "before attention", "attention": "after attention", "final": "final"}


def run_maps(
    data: CMIData, settings: Settings, n_splits: int | None, *, quick: bool
) -> dict[str, EmbeddingMaps] | str:
    """Map the held-out pairs of the first fold, as the model sees them, or say why there are no maps."""
    pairs, y = settings.draw_pairs(data)
    folds = pair_folds(pairs, y, "pair", n_splits, settings.random_state)
    train, test = folds[0]
    if np.bincount(y[test], minlength=2).min() < _FEWEST_OF_A_CLASS:
        return f"The first fold has fewer than {_FEWEST_OF_A_CLASS} test pairs of a class."
    methods = ["tsne"] if quick or find_spec("umap") is None else ["tsne", "mda"]
    fold = {"pairs": pairs, "y": y, "train": train, "test": test}
    cells = {"fold=1": {"data": data, "settings": settings, "methods": methods, **fold}}
    tables = run_cells(_map_fold, cells, "report-maps", settings, data, folds=len(folds), methods=methods)
    if not len(tables["scores"]):
        return "The model has neither embeddings nor evidence of these pairs."
    return {method: _unpack(tables, method) for method in methods}


def _map_fold(
    data: CMIData,
    settings: Settings,
    methods: list[str],
    pairs: pd.DataFrame,
    y: NDArray[np.int64],
    train: NDArray[np.int64],
    test: NDArray[np.int64],
) -> dict[str, pd.DataFrame]:
    """Train on the training pairs of a fold, and map the test pairs."""
    model = clone(settings.make_model(data))
    features, classifier = model["features"], model["mferl"]
    learned = features.fit_transform(pairs.iloc[train], y[train])
    classifier.fit(learned, y[train])
    asked = features.transform(pairs.iloc[test])
    network = find_network(classifier)
    if network is None:
        panels = _evidence(learned, asked)
    else:
        layers = _LAYERS if network.attention else {"initial": "fused scales", "final": "final"}
        panels = {name: network.embed_pairs(asked, layer) for layer, name in layers.items()}
    logits = classifier.decision_function(asked)
    parts: dict[str, list[pd.DataFrame]] = {"points": [], "scores": [], "pairs": []}
    for method in methods if panels else ():
        options: Any = {"max_pairs": _MOST_PAIRS, "random_state": settings.random_state}
        found = embedding_maps(panels, y[test], outputs=logits, method=method, **options)
        for (_, panel), points in found.maps.items():
            place = {"method": method, "panel": panel, "x": points[:, 0], "y": points[:, 1]}
            parts["points"].append(pd.DataFrame(place))
        parts["scores"].append(found.scores.drop(columns="epoch").assign(method=method))
        drawn = {"method": method, "label": found.labels, "row": found.rows, "logit": found.outputs[None]}
        parts["pairs"].append(pd.DataFrame(drawn))
    return {name: pd.concat(frames) if frames else pd.DataFrame() for name, frames in parts.items()}


def _evidence(learned: PairTable, asked: PairTable) -> dict[str, NDArray[Any]]:
    """Standardize by the training pairs; what is not known is put at their mean."""
    panels = {}
    for name, columns in asked.evidence.items():
        known = np.isfinite(learned.evidence[name]).any(axis=0)
        scaler = StandardScaler().fit(learned.evidence[name][:, known].astype(np.float64))
        panels[name] = np.nan_to_num(scaler.transform(columns[:, known].astype(np.float64)))
    if len(panels) > 1:
        panels["all evidence"] = np.hstack(list(panels.values()))
    return panels


def _unpack(tables: dict[str, pd.DataFrame], method: str) -> EmbeddingMaps:
    found = {name: table[table["method"] == method] for name, table in tables.items()}
    scores, pairs, panels = found["scores"], found["pairs"], found["points"].groupby("panel", sort=False)
    return EmbeddingMaps(
        maps={(None, str(panel)): of_panel[["x", "y"]].to_numpy() for panel, of_panel in panels},
        scores=scores.drop(columns="method").assign(epoch=pd.array([pd.NA] * len(scores), dtype="Int64")),
        labels=pairs["label"].to_numpy(),
        rows=pairs["row"].to_numpy(),
        outputs={None: pairs["logit"].to_numpy()},
    )
