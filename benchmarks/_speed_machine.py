"""What the figures were measured on."""

from __future__ import annotations

import os
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final

import joblib
from _speed_rows import Settings
from accuracy import _version

_PACKAGES: Final = (
    "numpy",
    "scipy",
    "scikit-learn",
    "numba",
    "torch",
    "gensim",
    "rapidfuzz",
    "Levenshtein",
    "karateclub",
)
# of the libraries with threads of their own; read when they are loaded
_VARIABLES: Final = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "NUMBA_NUM_THREADS",
    "LOKY_MAX_CPU_COUNT",
)


def limit_threads(settings: Settings) -> None:
    """Give all libraries the same number of threads, in the processes that are started from now on."""
    os.environ.update(dict.fromkeys(_VARIABLES, str(settings.threads)))


def facts() -> dict[str, str]:
    """Return the facts by name."""
    found = {
        "sklearn_mferl": _version(),
        "processor": _processor(),
        "cores": str(joblib.cpu_count()),
        "system": f"{platform.system()} {platform.machine()}",
        "Python": platform.python_version(),
    }
    for package in _PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = "not installed"
    return found


def load() -> str:
    """Return the processes that want to run, averaged over a minute; on an idle machine about 0."""
    try:
        return f"{os.getloadavg()[0]:.1f}"
    except OSError:
        return "unknown"


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:  # no Linux
        return platform.processor() or "unknown"
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else "unknown"
