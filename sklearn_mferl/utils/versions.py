"""Which code made a result: the versions of the packages, and the content of this one."""

import hashlib
import platform
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final

_PACKAGE: Final = Path(__file__).parents[1]
_PACKAGES: Final = (
    "sklearn-mferl",
    "numpy",
    "scipy",
    "pandas",
    "scikit-learn",
    "torch",
    "skorch",
    "gensim",
    "Levenshtein",
    "rapidfuzz",
    "numba",
    "joblib",
    "matplotlib",
    "umap-learn",
    "ViennaRNA",
)
_NO_DIFFERENCE: Final = ("joblib", "matplotlib")  # to a figure


@cache
def list_versions() -> tuple[tuple[str, str], ...]:
    """Return Python and the packages that figures may depend on, as far as installed, with their versions."""
    found = [("Python", platform.python_version())]
    for package in _PACKAGES:
        try:
            found.append((package, version(package)))
        except PackageNotFoundError:
            continue
    return tuple(found)


def show_versions() -> None:
    """Print the versions of Python, of this package and of those it builds on, for a report of a fault.

    Returns
    -------
    None
        A line for each is printed.

    Examples
    --------
    >>> import sklearn_mferl
    >>> sklearn_mferl.show_versions()
    Python ...
    sklearn-mferl ...
    """
    print(*(" ".join(found) for found in list_versions()), sep="\n")


@cache
def digest_source(folder: Path = _PACKAGE) -> str:
    """Return a short name for the content of the Python files of a folder; git has no say in it."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*.py")):
        content = path.read_bytes().replace(b"\r\n", b"\n")
        digest.update(f"{path.relative_to(folder).as_posix()} {len(content)}\n".encode() + content)
    return digest.hexdigest()[:16]


def identify_code() -> dict[str, str]:
    """Return what tells the code behind a result from other code, with whose results it must not be mixed."""
    versions = {name: found for name, found in list_versions() if name not in _NO_DIFFERENCE}
    return {"code": digest_source(), **versions}
