"""What is finished of a ranking: in memory, or in a folder from which a stopped run goes on."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from tempfile import mkdtemp
from types import ModuleType
from typing import IO, Any, Final

import numpy as np

from sklearn_mferl.ranking.best import Scored
from sklearn_mferl.utils.atomic import replacing

fcntl: ModuleType | None
try:
    import fcntl
except ImportError:  # not on Windows
    fcntl = None

_IDENTITY: Final = "identity.json"
_LOCK: Final = "lock"
_CLOSE: Final = 1e-6  # probabilities that a model gives again differ by rounding at most


class Store:
    """Finished chunks in memory.

    Attributes
    ----------
    n_done : int
        How many chunks are finished.
    """

    def __init__(self, final: bool) -> None:
        self.final, self.n_done = final, 0
        self._pieces: list[Scored] = []

    def put(self, pairs: Scored) -> None:
        """Take what one more chunk leaves, or the state after it."""
        if not self.final:
            self._pieces.clear()
        self._pieces.append(pairs)
        self.n_done += 1

    def pieces(self) -> Iterator[Scored]:
        """Yield what was put, in its order."""
        return iter(self._pieces)

    def clear(self) -> None:
        """Forget everything."""
        self._pieces.clear()

    def close(self) -> None:
        """Let others go on with what is finished."""


class FolderStore(Store):
    """Finished chunks in a folder, a file each; a file is there whole or not at all."""

    def __init__(self, folder: Path, final: bool, identity: dict[str, Any]) -> None:
        super().__init__(final)
        self._lock = _lock(folder)
        # another process is making the same file: this one works apart, and the last to end writes it
        self.folder = (
            Path(mkdtemp(prefix=f"{folder.name}-", dir=folder.parent)) if self._lock is None else folder
        )
        try:
            self._check(identity)
        except ValueError:
            self.close()
            raise
        numbers = sorted(int(path.stem) for path in self.folder.glob("[0-9]*.npz"))
        self.n_done = numbers[-1] + 1 if numbers else 0

    def put(self, pairs: Scored) -> None:
        """Take what one more chunk leaves, or the state after it."""
        with replacing(self._file(self.n_done)) as temporary:
            np.savez(temporary, cells=pairs.cells, scores=pairs.scores)
        if not self.final and self.n_done > 0:
            self._file(self.n_done - 1).unlink(missing_ok=True)
        self.n_done += 1

    def pieces(self) -> Iterator[Scored]:
        """Yield what was put, in its order."""
        for number in range(0 if self.final else max(self.n_done - 1, 0), self.n_done):
            with np.load(self._file(number)) as arrays:
                yield Scored(arrays["cells"], arrays["scores"])

    def clear(self) -> None:
        """Remove the folder."""
        shutil.rmtree(self.folder)

    def close(self) -> None:
        """Let others go on with what is finished."""
        if self._lock is not None:
            self._lock.close()
        elif self.folder.exists():
            self.clear()

    def _file(self, number: int) -> Path:
        return self.folder / f"{number:08d}.npz"

    def _check(self, identity: dict[str, Any]) -> None:
        path = self.folder / _IDENTITY
        if not path.exists():
            with replacing(path) as temporary:
                temporary.write_text(json.dumps(identity, indent=1), encoding="utf-8")
            return
        found = json.loads(path.read_text(encoding="utf-8"))
        other = [name for name, value in identity.items() if not _same(found.get(name), value)]
        if other:
            raise ValueError(
                f"{self.folder} is of a ranking that was stopped, with another {' and '.join(other)}; remove "
                "it to start anew, or ask for the same ranking to go on with it."
            )


def _lock(folder: Path) -> IO[str] | None:
    """Make a folder this process's own until the file is closed; None where another has it.

    The operating system lets go of it when a process ends, however it ends. Where there are no such locks,
    all share the folder; its files are whole at any time, and the same from each.
    """
    while True:
        folder.mkdir(exist_ok=True)
        try:
            file = (folder / _LOCK).open("w", encoding="utf-8")
        except FileNotFoundError:  # another process has just ended, and removed the folder
            continue
        try:
            if fcntl is not None:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if os.path.samestat(os.fstat(file.fileno()), os.stat(folder / _LOCK)):
                return file
        except BlockingIOError:
            file.close()
            return None
        except FileNotFoundError:
            pass
        file.close()


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and bool(np.allclose(one, other, rtol=0, atol=_CLOSE))
    return bool(one == other)
