"""A progress bar of scikit-learn's searches."""

import sys
from typing import Any


def show_progress(search: Any) -> Any:
    """Have a search for parameters show how far it is, if standard output is a terminal.

    Parameters
    ----------
    search : estimator
        Such as `GridSearchCV` of scikit-learn; it is changed.

    Returns
    -------
    estimator
        `search`.

    Raises
    ------
    ImportError
        On a terminal, if scikit-learn is older than 1.9 or rich is missing.

    Examples
    --------
    >>> from sklearn.model_selection import GridSearchCV
    >>> from sklearn_mferl.baselines import SVDFactorizer
    >>> from sklearn_mferl.evaluation import show_progress
    >>> search = show_progress(GridSearchCV(SVDFactorizer(), {"normalize": [True, False]}))
    """
    if not sys.stdout.isatty():
        return search
    try:
        import rich  # noqa: F401  what the bar is drawn with is asked for before the work
        from sklearn.callback import ProgressBar
    except ImportError as error:
        raise ImportError(
            "A bar of a search needs scikit-learn 1.9 or later, and rich: pip install rich"
        ) from error
    return search.set_callbacks(ProgressBar(max_propagation_depth=0))
