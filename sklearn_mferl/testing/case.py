"""What an estimator is checked with: examples of its kind, and what it gives for them."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.base import clone

_N_IDS: Final = 12
_N_KNOWN_IDS: Final = 9


def example_ids() -> list[str]:
    """Return the ids that the checks of kind ``"ids"`` use.

    Returns
    -------
    list of str
        ``"rna_00"`` to ``"rna_11"``.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from sklearn_mferl import PrecomputedEmbedding
    >>> from sklearn_mferl.testing import check_rna_estimator, example_ids
    >>> table = pd.DataFrame(np.eye(12), index=example_ids())
    >>> check_rna_estimator(PrecomputedEmbedding(table), "ids")
    """
    return [f"rna_{number:02d}" for number in range(_N_IDS)]


@dataclass(frozen=True)
class Case:
    """An estimator with data to check it on."""

    estimator: Any
    kind: str
    X: list[Any]  # training rows, the first of which stands twice
    y: NDArray[np.int64]
    new_X: list[Any]  # rows with RNAs that are not in X
    new_y: NDArray[np.int64]
    allow_nan: bool = False  # for "nothing known"

    @property
    def is_classifier(self) -> bool:
        """Whether it has labels to learn and probabilities to give."""
        return self.kind == "classifier"

    @property
    def takes_pairs(self) -> bool:
        """Whether its rows are pairs."""
        return self.kind in ("pairs", "classifier")

    @property
    def reads_sequences(self) -> bool:
        """Whether the letters mean something: an embedder of the graph takes them for mere names."""
        return self.kind != "ids" and not hasattr(self.estimator, "embed")

    @property
    def methods(self) -> tuple[str, ...]:
        """What can be called with X once fitted."""
        return ("predict", "predict_proba", "decision_function") if self.is_classifier else ("transform",)

    def make(self, **params: Any) -> Any:
        """Clone the estimator, every random_state fixed."""
        estimator = clone(self.estimator)
        names = [name for name in estimator.get_params() if name.split("__")[-1] == "random_state"]
        return estimator.set_params(**dict.fromkeys(names, 0), **params)

    def fit(self, estimator: Any, X: Any, y: Any) -> Any:
        """Fit an estimator, with labels where its kind needs them."""
        return estimator.fit(X, y) if self.takes_pairs else estimator.fit(X)

    def fit_anew(self) -> Any:
        """Return a fresh estimator fitted on X and y."""
        return self.fit(self.make(), self.X, self.y)

    @cached_property
    def fitted(self) -> Any:
        """An estimator fitted on X and y, for all checks that only use it."""
        return self.fit_anew()

    @cached_property
    def expected(self) -> NDArray[Any]:
        """What it gives for X."""
        return self.output(self.fitted, self.X)

    def output(self, estimator: Any, X: Any) -> NDArray[Any]:
        """Return the features, or the logits of a classifier, as an array."""
        if self.is_classifier:
            return np.asarray(estimator.decision_function(X))
        return as_array(estimator.transform(X))


Check = Callable[[Case], None]
CONDITIONS: Final[dict[Check, Callable[[Case], bool]]] = {}  # all other checks are of every case


def only_where(applies: Callable[[Case], bool]) -> Callable[[Check], Check]:
    """Mark a check that some cases alone have to pass."""

    def mark(check: Check) -> Check:
        CONDITIONS[check] = applies
        return check

    return mark


of_transformers = only_where(lambda case: not case.is_classifier)
of_single_rnas = only_where(lambda case: not case.takes_pairs)
of_pairs = only_where(lambda case: case.takes_pairs)
of_classifiers = only_where(lambda case: case.is_classifier)
of_sequences = only_where(lambda case: case.reads_sequences)


def make_case(estimator: Any, kind: str) -> Case:
    """Return what an estimator of a kind is checked with."""
    rng = np.random.default_rng(0)
    if kind in ("sequences", "ids"):
        if kind == "ids":
            names = example_ids()
        else:
            names = [random_rna(length, rng) for length in (9, 12, 16, 20, 25, 31, 40, 47, 60, 1, 14, 33)]
            names[2] = names[2][:5] + "NR" + names[2][5:]  # IUPAC letters other than ACGU are RNA, too
        known, new = names[:_N_KNOWN_IDS], names[_N_KNOWN_IDS:]
        X: list[Any] = [*known, known[0]]
        return Case(estimator, kind, X, np.arange(len(X)) % 2, new, np.arange(len(new)) % 2)
    circrnas = [random_rna(length, rng) for length in rng.integers(30, 70, 7)]
    mirnas = [random_rna(length, rng) for length in rng.integers(18, 24, 6)]
    X = [(circrna, mirna) for circrna in circrnas[:5] for mirna in mirnas[:4]]
    y = np.array([(i // 4 + i % 4) % 2 for i in range(len(X))])
    new_X = [(circrnas[i], mirnas[j]) for i, j in ((5, 0), (0, 4), (6, 5), (5, 5))]
    return Case(estimator, kind, [*X, X[0]], np.append(y, y[0]), new_X, np.array([1, 0, 1, 0]))


def random_rna(length: int, rng: np.random.Generator) -> str:
    """Draw letters."""
    return "".join(rng.choice(list("ACGU"), length))


def as_array(features: Any) -> NDArray[Any]:
    """Return features as an array, whatever container they come in."""
    return features.toarray() if sparse.issparse(features) else np.asarray(features)
