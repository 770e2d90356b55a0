"""How everything here is measured: in a process of its own, timed, and with the commit and the versions."""

import argparse
import platform
import resource
import subprocess
import sys
import timeit
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ProcessPoolExecutor
from importlib.metadata import PackageNotFoundError, version
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Final

import pandas as pd

import sklearn_mferl
from sklearn_mferl.utils.atomic import replacing

ROOT: Final = Path(__file__).resolve().parents[1]
_PACKAGES: Final = (
    *("sklearn-mferl", "numpy", "scipy", "pandas", "scikit-learn", "numba", "torch"),
    *("skorch", "gensim", "rapidfuzz", "Levenshtein", "karateclub"),
)
# a server process imports these once and forks for each call, which so starts at once
_CONTEXT: Final = get_context("forkserver")
_CONTEXT.set_forkserver_preload(
    ["sklearn_mferl.pipeline", "sklearn_mferl.baselines", "sklearn_mferl.evaluation"]
)


def in_own_process(function: Callable[..., Any], *arguments: Any) -> Any:
    """Call where the peak of memory is this call's alone, and where a death harms no other call."""
    with ProcessPoolExecutor(1, mp_context=_CONTEXT) as pool:
        return pool.submit(function, *arguments).result()


def peak_gb() -> float:
    """Return the peak memory of this process so far."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1e9 if sys.platform == "darwin" else 1e6)  # bytes there, kilobytes elsewhere


def fastest(calls: Mapping[str, Callable[[], Any]], repeats: int) -> dict[str, float]:
    """Time calls in turns, so that whatever else the machine does meets all of them; the least counts."""
    rounds = [{name: timeit.timeit(call, number=1) for name, call in calls.items()} for _ in range(repeats)]
    return {name: min(seconds[name] for seconds in rounds) for name in calls}


def once(call: Callable[[], Any]) -> float:
    """Time what takes minutes, with the garbage collector that `timeit` stops."""
    return timeit.timeit(call, setup="import gc; gc.enable()", number=1)


def provenance(allow_dirty: bool, outputs: Iterable[Path]) -> dict[str, str]:
    """Return the commit and the versions that a row carries; refuse uncommitted changes but in `outputs`."""
    changes = uncommitted(outputs)
    if changes and not allow_dirty:
        raise ValueError(
            f"Results are written from a clean tree only, and here {changes[0]}; mend that, or give "
            "--allow-dirty for a trial, which marks its rows."
        )
    versions = {"Python": platform.python_version()}
    for package in _PACKAGES:
        try:
            versions[package] = version(package)
        except PackageNotFoundError:
            versions[package] = "not installed"
    return {
        "commit": (_git("rev-parse", "--short", "HEAD") or "unknown") + ("-dirty" if changes else ""),
        "versions": ", ".join(f"{name} {number}" for name, number in versions.items()),
    }


def uncommitted(outputs: Iterable[Path]) -> list[str]:
    """Say in what the code that runs differs from the commit; what the command writes does not count."""
    if not Path(sklearn_mferl.__file__).is_relative_to(ROOT):
        return [f"sklearn_mferl is that of {Path(sklearn_mferl.__file__).parent}"]
    inside = [path.resolve().relative_to(ROOT) for path in outputs if path.resolve().is_relative_to(ROOT)]
    spared = [f":(exclude){path}" for path in inside]
    found = _git("status", "--porcelain", "--untracked-files=no", "--", ".", *spared)
    if found is None:
        return [f"{ROOT} is no git checkout"]
    return [f"{line.split()[-1]} has changes" for line in found.splitlines()]


def new_parser(description: str | None) -> argparse.ArgumentParser:
    """Return a reader of the command line with the options that all commands take."""
    parser = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", nargs="+", type=Path, default=[], help="folders as load_cmi reads them")
    parser.add_argument("--out", type=Path, required=True, help="folder, made if need be")
    parser.add_argument("--allow-dirty", action="store_true", help="measure in spite of uncommitted changes")
    return parser


def exit_code(run: Callable[[argparse.Namespace], int], options: argparse.Namespace) -> int:
    """Measure into the folder `out`, and return the exit code; `run` returns how much failed."""
    options.out.mkdir(parents=True, exist_ok=True)
    try:
        return int(run(options) > 0)
    except (ValueError, OSError) as error:
        print(f"Error: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("Stopped; the same command goes on with what is not finished.", file=sys.stderr)
        return 130


def save(table: pd.DataFrame, path: Path) -> None:
    """Write a table that is there whole or not at all; counts stay whole numbers."""
    with replacing(path) as temporary:
        table.convert_dtypes().to_csv(temporary, index=False, lineterminator="\n")


def read(path: Path, columns: Iterable[str]) -> pd.DataFrame:
    """Read a table of finished rows; one that has not these columns is refused."""
    columns = list(columns)
    if not path.exists():
        return pd.DataFrame(columns=columns)
    try:
        # a data folder may be called NA, and a commit 99894e9
        texts = {"data": str, "commit": str}
        return pd.read_csv(path, keep_default_na=False, na_values=[""], dtype=texts)[columns]
    except (ValueError, KeyError) as error:
        raise ValueError(
            f"{path} is damaged, or of another version ({' '.join(str(error).split())}); mend or remove it, "
            "or give another folder as --out."
        ) from error


def _git(*words: str) -> str | None:
    try:
        done = subprocess.run(["git", "-C", str(ROOT), *words], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    return done.stdout.rstrip()
