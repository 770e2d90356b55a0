"""What a model of pairs is made of, and which RNAs it knows."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sklearn_mferl.pairs import PairFeatures


def find_pair_features(model: Any) -> PairFeatures | None:
    """Return the fitted features of a model of pairs.

    Parameters
    ----------
    model : estimator
        A pipeline, a `MFERLClassifier` or any other.

    Returns
    -------
    PairFeatures or None
        The step of a pipeline, or the default features of a classifier.

    Examples
    --------
    >>> from sklearn_mferl import make_mferl_pipeline
    >>> from sklearn_mferl.ranking import find_pair_features
    >>> find_pair_features(make_mferl_pipeline({"circ_1": "ACGUACGU"}, {"miR-1": "UGAGGUAG"}))
    PairFeatures(...)
    """
    model = getattr(model, "best_estimator_", model)  # of a search such as GridSearchCV
    candidates = [step for _, step in getattr(model, "steps", [])] + [getattr(model, "features_", None)]
    return next((step for step in candidates if isinstance(step, PairFeatures)), None)


def find_fitted_features(model: Any) -> PairFeatures | None:
    """Return the features of a model of pairs; None where it has none, or is not fitted."""
    features = find_pair_features(model)
    return features if hasattr(features, "scales_") else None


def known_rnas(model: Any, side: str) -> list[str]:
    """Return the ids that a fitted model can score.

    Parameters
    ----------
    model : estimator
        Fitted, with `PairFeatures`.
    side : {"circrna", "mirna"}
        Which RNAs.

    Returns
    -------
    list of str
        Sorted: those with a sequence and, where embeddings were given, an embedding; of a model for which a
        sequence is its own id, the sequences of training.

    Raises
    ------
    ValueError
        If the model has no fitted `PairFeatures`.

    Examples
    --------
    >>> from sklearn_mferl import PairFeatures
    >>> from sklearn.linear_model import LogisticRegression
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn_mferl.ranking import known_rnas
    >>> circrna, mirna = {"circ_1": "ACGUACGU", "circ_2": "GGGUACCA"}, {"miR-1": "UGAGGUAG"}
    >>> model = make_pipeline(PairFeatures(circrna, mirna, output="array"), LogisticRegression())
    >>> model = model.fit([("circ_1", "miR-1"), ("circ_2", "miR-1")], [0, 1])
    >>> known_rnas(model, "circrna")
    ['circ_1', 'circ_2']
    """
    features = find_fitted_features(model)
    if features is None:
        raise ValueError(
            f"This {type(model).__name__} does not say which RNAs it knows: it has no fitted PairFeatures; "
            f"give the ids as {side}=."
        )
    return features.known_ids(side)


def canonical_ids(model: Any, side: str, ids: NDArray[np.object_]) -> NDArray[np.object_]:
    """Return ids as the model writes them: where a sequence is its own id, in upper case with U for T."""
    features = find_pair_features(model)
    table = getattr(features, "_sides", {}).get(side)
    if table is None or table.sequences is not None or not table.has_sequences:
        return ids
    return np.asarray(table.canonical_ids(ids))
