"""Embeddings of pairs in two dimensions, and how well they separate the classes in numbers."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.base import clone
from sklearn.manifold import TSNE
from sklearn.metrics import silhouette_score
from sklearn.model_selection import StratifiedKFold, cross_val_score
from sklearn.neighbors import KNeighborsClassifier
from sklearn.utils import get_tags, resample
from sklearn.utils.validation import check_array, check_consistent_length, column_or_1d

from sklearn_mferl.inspection.mda import MDA
from sklearn_mferl.inspection.snapshots import EmbeddingSnapshots
from sklearn_mferl.utils.random_state import spawn_seeds
from sklearn_mferl.utils.scheduling import one_openmp_thread

Panel = tuple[int | None, str]

_N_FOLDS: Final = 5


@dataclass(frozen=True)
class EmbeddingMaps:
    """Maps of embeddings, as `embedding_maps` makes them.

    Attributes
    ----------
    maps : dict of (int or None, str) to ndarray of float64, shape (n_pairs, 2)
        By epoch and layer, where each pair lies; epoch None where names without epochs were given.
    scores : DataFrame
        A line for each map and for the embeddings behind it: ``epoch``, ``layer``, ``space``
        (``"embedding"`` or ``"map"``), ``silhouette`` in [-1, 1], ``knn_accuracy`` in [0, 1], ``n_pairs``.
    labels : ndarray, shape (n_pairs,)
        Labels of the pairs drawn.
    rows : ndarray of int64, shape (n_pairs,)
        Which of the pairs given these are, the same in each map.
    outputs : dict of (int or None) to ndarray of float64, shape (n_pairs,)
        By epoch, the logits of these pairs; empty where none are known.
    """

    maps: dict[Panel, NDArray[np.float64]]
    scores: pd.DataFrame
    labels: NDArray[Any]
    rows: NDArray[np.int64]
    outputs: dict[int | None, NDArray[np.float64]]


@one_openmp_thread()
def embedding_maps(
    snapshots: EmbeddingSnapshots | Mapping[Any, Any],
    labels: Any = None,
    *,
    outputs: Any = None,
    method: Any = "tsne",
    max_pairs: int = 2000,
    n_neighbors: int = 10,
    random_state: Any = 0,
) -> EmbeddingMaps:
    """Draw embeddings of pairs in two dimensions, by epoch and layer, with two figures for each.

    A picture of this kind can show clusters that are not there and hide those that are. The figures are
    therefore computed twice, on the map and on the embeddings behind it: the silhouette, which compares the
    distances to pairs of the same and of the other class, and the accuracy with which the k nearest other
    pairs tell the class of a pair, by five-fold cross-validation. Pairs that share an RNA are near each
    other, and the network has seen the labels of its training pairs: the figures of training pairs say what
    it has learned of them, not how well it predicts. For that, keep snapshots of held-out pairs.

    Parameters
    ----------
    snapshots : EmbeddingSnapshots, dict of int to dict of str to array, or dict of str to array
        Embeddings by epoch and layer, or by name; arrays of shape (n_pairs, width).
    labels : array-like, shape (n_pairs,), default=None
        Two or more classes, of at least five pairs each; None takes those of the snapshots.
    outputs : array-like of shape (n_pairs,), or dict of int to array-like, default=None
        Logits of the model, or by epoch; None takes those of the snapshots.
    method : {"tsne", "mda"} or transformer, default="tsne"
        Scikit-learn's t-SNE, started from principal components; `MDA`; or what has `fit_transform` and
        gives two columns. Those that need a target, as MDA does, are given `outputs`.
    max_pairs : int, default=2000
        Of more pairs, as many are drawn at random, the share of each class kept.
    n_neighbors : int, default=10
        Neighbours *k* that vote.
    random_state : int, RandomState instance or None, default=0
        Seeds the choice of pairs, the folds, and ``"tsne"`` and ``"mda"``.

    Returns
    -------
    EmbeddingMaps

    Raises
    ------
    ValueError
        If there are no embeddings or labels, their lengths differ, a class has fewer than five pairs, or
        `method` is not known or needs outputs that are not there.

    See Also
    --------
    plot_embedding_maps : The picture.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.decomposition import PCA
    >>> from sklearn_mferl.inspection import embedding_maps
    >>> rng, y = np.random.default_rng(0), np.arange(40) % 2
    >>> features = {"apart": rng.normal(size=(40, 5)) + 9 * y[:, None], "mixed": rng.normal(size=(40, 5))}
    >>> maps = embedding_maps(features, y, method=PCA(2))
    >>> maps.scores.query("space == 'map'")[["layer", "knn_accuracy"]].round(1).values.tolist()
    [['apart', 1.0], ['mixed', 0.6]]
    """
    panels = _read_panels(snapshots)
    if isinstance(snapshots, EmbeddingSnapshots):
        labels = snapshots.labels_ if labels is None else labels
        outputs = snapshots.outputs_ if outputs is None else outputs
    if labels is None:
        raise ValueError("There are no labels; give labels, or y to EmbeddingSnapshots.")
    labels = column_or_1d(labels)
    check_consistent_length(labels, *panels.values())
    choice_seed, folds_seed, method_seed = spawn_seeds(random_state, 3)
    rows = np.arange(len(labels))
    if len(rows) > max_pairs:
        rows = resample(rows, n_samples=max_pairs, replace=False, stratify=labels, random_state=choice_seed)
        rows.sort()
    labels = labels[rows]
    classes, counts = np.unique(labels, return_counts=True)
    if len(classes) < 2 or counts.min() < _N_FOLDS:
        raise ValueError(
            f"The figures need two classes of at least {_N_FOLDS} pairs; the labels drawn have "
            f"{dict(zip(classes.tolist(), counts.tolist(), strict=True))}."
        )
    logits = _read_outputs(outputs, panels, rows)
    maps, scores = {}, []
    folds = StratifiedKFold(_N_FOLDS, shuffle=True, random_state=folds_seed)
    for (epoch, layer), features in panels.items():
        embedding = features[rows]
        maps[epoch, layer] = _reduce(method, embedding, logits.get(epoch), method_seed)
        for space, points in (("embedding", embedding), ("map", maps[epoch, layer])):
            voters = KNeighborsClassifier(n_neighbors)
            scores.append(
                {
                    "epoch": epoch,
                    "layer": layer,
                    "space": space,
                    "silhouette": float(silhouette_score(points, labels)),
                    "knn_accuracy": float(cross_val_score(voters, points, labels, cv=folds).mean()),
                    "n_pairs": len(rows),
                }
            )
    table = pd.DataFrame(scores).astype({"epoch": "Int64"})
    return EmbeddingMaps(maps, table, labels, rows, logits)


def _read_panels(snapshots: Any) -> dict[Panel, NDArray[np.float64]]:
    """Return the embeddings by epoch and layer; the epoch of a mere name is None."""
    found = snapshots.snapshots_ if isinstance(snapshots, EmbeddingSnapshots) else snapshots
    if not isinstance(found, Mapping) or not found:
        raise ValueError(
            "There are no embeddings to draw: give EmbeddingSnapshots of epochs that training reached, or a "
            "dict of name to array of shape (n_pairs, width)."
        )
    panels: dict[Panel, NDArray[np.float64]] = {}
    for key, value in found.items():
        layers = value.items() if isinstance(value, Mapping) else [(str(key), value)]
        for layer, features in layers:
            epoch = int(key) if isinstance(value, Mapping) else None
            name = f"the embeddings {layer!r}" + ("" if epoch is None else f" of epoch {epoch}")
            panels[epoch, layer] = check_array(features, dtype=np.float64, input_name=name)
    return panels


def _read_outputs(
    outputs: Any, panels: Mapping[Panel, Any], rows: NDArray[np.int64]
) -> dict[int | None, NDArray[np.float64]]:
    if outputs is None:
        return {}
    epochs = {epoch for epoch, _ in panels}
    by_epoch = outputs if isinstance(outputs, Mapping) else dict.fromkeys(epochs, outputs)
    logits = {}
    for epoch in epochs & set(by_epoch):
        values = column_or_1d(by_epoch[epoch], dtype=np.float64)
        check_consistent_length(values, next(iter(panels.values())))
        logits[epoch] = values[rows]
    return logits


def _reduce(
    method: Any, features: NDArray[np.float64], outputs: NDArray[np.float64] | None, seed: int
) -> NDArray[np.float64]:
    """Lay the pairs out in two dimensions; those that are all alike on one point."""
    if not np.ptp(features, axis=0).any():
        return np.zeros((len(features), 2))
    if hasattr(method, "fit_transform"):
        reducer = clone(method)
    elif method == "tsne":
        n_pairs, width = features.shape
        start = "pca" if width > 1 else "random"
        reducer = TSNE(init=start, perplexity=min(30.0, (n_pairs - 1) / 3), random_state=seed)
    elif method == "mda":
        reducer = MDA(n_components=2, random_state=seed)
    else:
        raise ValueError(f"method must be 'tsne', 'mda' or a transformer with fit_transform; got {method!r}.")
    needs_target = hasattr(reducer, "__sklearn_tags__") and get_tags(reducer).target_tags.required
    if needs_target and outputs is None:
        raise ValueError(f"{reducer!r} is fitted on the outputs of the model; give outputs.")
    target = [outputs] if needs_target else []
    points = np.asarray(reducer.fit_transform(features, *target), dtype=np.float64)
    if points.shape != (len(features), 2):
        raise ValueError(f"method must give two columns; {reducer!r} gave shape {points.shape}.")
    return points
