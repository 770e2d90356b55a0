"""Gradient boosting on the features of both RNAs side by side, to stand beside a model."""

from collections.abc import Mapping
from typing import Any, Final

from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.pipeline import Pipeline

from sklearn_mferl.features import default_scales
from sklearn_mferl.pairs import PairFeatures
from sklearn_mferl.utils.random_state import spawn_seeds
from sklearn_mferl.utils.scheduling import one_openmp_thread

# similarity has a column for each training RNA; role2vec shows each training pair its own edge
_LEFT_OUT: Final = ("similarity", "role2vec")


class OneThreadBoosting(HistGradientBoostingClassifier):
    """`HistGradientBoostingClassifier` that fits and predicts with one OpenMP thread."""

    fit = one_openmp_thread()(HistGradientBoostingClassifier.fit)
    predict = one_openmp_thread()(HistGradientBoostingClassifier.predict)
    predict_proba = one_openmp_thread()(HistGradientBoostingClassifier.predict_proba)
    decision_function = one_openmp_thread()(HistGradientBoostingClassifier.decision_function)


def make_boosting_pipeline(
    circrna: Any,
    mirna: Any,
    *,
    scales: list[tuple[str, Any]] | None = None,
    embeddings: Mapping[str, Any] | None = None,
    random_state: Any = None,
    **params: Any,
) -> Pipeline:
    """Make a pipeline from pairs of ids to probabilities by gradient boosting on sequence features.

    The features of the circRNA and of the miRNA stand side by side in one row (`PairFeatures` with
    ``output="array"``). It has the features of single sequences that the publication's network has, but no
    graph and no evidence for the pair: what a model gains over it, it gains by these or by its design.

    Parameters
    ----------
    circrna, mirna, embeddings
        As in `make_mferl_pipeline`.
    scales : list of (str, transformer) or None, default=None
        The scales by name. None takes those of `sklearn_mferl.features.default_scales` but the similarity
        scale, whose width grows with the number of RNAs, and Role2Vec, which shows training pairs their edge.
    random_state : int, RandomState, Generator or None, default=None
        Seeds features and training.
    **params
        Parameters of the pipeline, such as ``boosting__max_iter=100`` or ``features__circular=False``.

    Returns
    -------
    sklearn.pipeline.Pipeline
        Steps ``features``, a `PairFeatures`, and ``boosting``, a `HistGradientBoostingClassifier` that takes
        one OpenMP thread; not fitted.

    Raises
    ------
    ValueError
        If a name in `params` is not known.

    Notes
    -----
    300 trees on 63 bins a feature, without early stopping: on inner folds of the training pairs of two public
    data sets, 300 trees were a little better than 200, and 255 bins made no clear difference.

    Examples
    --------
    >>> from sklearn_mferl.baselines import make_boosting_pipeline
    >>> from sklearn_mferl.datasets import make_cmi
    >>> from sklearn_mferl.model_selection import labelled_pairs
    >>> data = make_cmi(20, 10, random_state=0)
    >>> pairs, y = labelled_pairs(data.pairs, random_state=0)
    >>> model = make_boosting_pipeline(data.circrna, data.mirna, random_state=0, boosting__max_iter=5)
    >>> model.fit(pairs, y).predict_proba(pairs[:3]).shape
    (3, 2)
    """
    if scales is None:
        scales = [(name, scale) for name, scale in default_scales() if name not in _LEFT_OUT]
    seeds = spawn_seeds(random_state, 2) if random_state is not None else [None, None]
    features = PairFeatures(
        circrna, mirna, scales, embeddings=embeddings, output="array", random_state=seeds[0]
    )
    boosting = OneThreadBoosting(max_iter=300, max_bins=63, early_stopping=False, random_state=seeds[1])
    return Pipeline([("features", features), ("boosting", boosting)]).set_params(**params)
