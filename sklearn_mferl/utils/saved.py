"""What a pickle of an estimator says beside its attributes: who saved it, and what its files held."""

import hashlib
import os
import warnings
from typing import Any, Final

_SAVED_BY: Final = "_saved_by"
_FILES: Final = "_contents_of_files"
_FILE_PARAMETERS: Final = ("circrna", "mirna", "regions", "levels")


class SavedState:
    """An estimator whose pickle names its version, and changes with the files that its parameters name.

    ``Pipeline(memory=)`` knows an input by its pickle: with the path alone, a FASTA file that was corrected
    would be the same input.
    """

    def __getstate__(self) -> dict[str, Any]:
        from sklearn_mferl import __version__

        state: dict[str, Any] = super().__getstate__()  # type: ignore[assignment]
        contents = {name: _digest(state.get(name)) for name in _FILE_PARAMETERS}
        return {_SAVED_BY: __version__, **state, _FILES: contents}

    def __setstate__(self, state: dict[str, Any]) -> None:
        from sklearn_mferl import __version__

        self.__dict__.update({name: value for name, value in state.items() if name != _FILES})
        if saved_by(self) not in (None, __version__):
            warnings.warn(
                f"The model was saved by sklearn_mferl {saved_by(self)}, and this is {__version__}: its "
                "scores may differ; train it again, or install that version.",
                UserWarning,
                stacklevel=2,
            )


def saved_by(estimator: Any) -> str | None:
    """Return the version that saved an estimator, None if unknown."""
    return getattr(estimator, _SAVED_BY, None)


def _digest(value: Any) -> str | None:
    """Return a digest of a file where a parameter is the path of one that can be read again, else None."""
    if not isinstance(value, (str, os.PathLike)) or not os.path.isfile(value):
        return None
    try:
        with open(value, "rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return None
