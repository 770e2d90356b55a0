"""What is finished of a ranking: in memory, or in a folder from which a stopped run goes on."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np

from sklearn_mferl.ranking._best import Scored

_IDENTITY: Final = "identity.json"
_CLOSE: Final = 1e-6  # probabilities that a model gives again differ by rounding at most


class Store:
    """Finished chunks in memory.

    Parameters
    ----------
    final : bool
        Whether what a chunk leaves is final; else each state replaces the one before.

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


class FolderStore(Store):
    """Finished chunks in a folder, a file each; a file is there whole or not at all.

    Parameters
    ----------
    folder : Path
        Made where it is missing; what is in it is taken up.
    final : bool
        As for `Store`.
    identity : dict
        What decides the result, as JSON takes it; lists of float are compared up to rounding.

    Raises
    ------
    ValueError
        If the folder is of a ranking with another identity.
    """

    def __init__(self, folder: Path, final: bool, identity: dict[str, Any]) -> None:
        super().__init__(final)
        self.folder = folder
        self.folder.mkdir(exist_ok=True)
        self._check(identity)
        numbers = sorted(int(path.stem) for path in folder.glob("*.npz"))
        self.n_done = numbers[-1] + 1 if numbers else 0

    def put(self, pairs: Scored) -> None:
        """Take what one more chunk leaves, or the state after it."""
        temporary = self.folder / "chunk.tmp"
        with temporary.open("wb") as file:
            np.savez(file, cells=pairs.cells, scores=pairs.scores)
        temporary.replace(self._file(self.n_done))
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

    def _file(self, number: int) -> Path:
        return self.folder / f"{number:08d}.npz"

    def _check(self, identity: dict[str, Any]) -> None:
        path = self.folder / _IDENTITY
        if not path.exists():
            temporary = path.with_suffix(".tmp")
            temporary.write_text(json.dumps(identity, indent=1), encoding="utf-8")
            temporary.replace(path)
            return
        found = json.loads(path.read_text(encoding="utf-8"))
        other = [name for name, value in identity.items() if not _same(found.get(name), value)]
        if other:
            raise ValueError(
                f"{self.folder} is of a ranking that was stopped, with another {' and '.join(other)}; remove "
                "it to start anew, or ask for the same ranking to go on with it."
            )


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and bool(np.allclose(one, other, rtol=0, atol=_CLOSE))
    return bool(one == other)
