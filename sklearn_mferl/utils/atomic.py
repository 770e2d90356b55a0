"""Files that are there whole or not at all, and folders of them from which a stopped run goes on."""

from __future__ import annotations

import json
import os
import secrets
import shutil
from collections.abc import Callable, Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp
from types import ModuleType
from typing import IO, Any, Final
from urllib.parse import quote, unquote

import numpy as np

fcntl: ModuleType | None
try:
    import fcntl
except ImportError:  # not on Windows
    fcntl = None

_IDENTITY: Final = "settings.json"
_LOCK: Final = "lock"
_CLOSE: Final = 1e-6  # probabilities that a model gives again differ by rounding at most


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Yield the path of a temporary file, which takes the place of `path` when the block ends well."""
    if path.exists() and not path.is_file():  # a pipe or a terminal is written to as it is
        yield path
        return
    # a name of this call alone, which ends as that of `path` does, for writers that go by the suffix
    temporary = path.with_name(f".{os.getpid()}-{secrets.token_hex(4)}.{path.name}")
    try:
        yield temporary
        with temporary.open("rb+") as file:  # a power cut must not leave a name without its content
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError as error:
        if error.errno and error.filename in (None, temporary, str(temporary)):  # a full disk has no name
            error.filename, error.filename2 = str(path), None
        raise
    finally:
        temporary.unlink(missing_ok=True)


def check_folder(folder: str | os.PathLike[str]) -> Path:
    """Return the path of a folder to write to, which may be missing, and refuse what cannot become one."""
    folder = Path(folder)
    standing = next((path for path in (folder, *folder.parents) if path.exists()), Path())
    if not standing.is_dir():
        raise ValueError(f"{standing} is a file; give a folder for the results.")
    return folder


def check_file(path: Path, name: str) -> None:
    """Refuse what cannot be a file to write, and call it by its name."""
    if not path.parent.is_dir():
        raise FileNotFoundError(f"There is no folder {path.parent} for {name}.")
    if path.is_dir():
        raise ValueError(f"{name} is a folder; name a file.")


class Resumable(MutableMapping[str, Any]):
    """Pieces of one run by name, a file each, which is there whole or not at all, however the program ends.

    With `alone`, a second process that makes the same works apart, in a folder that goes when it ends;
    otherwise all share the folder.
    """

    def __init__(
        self,
        folder: Path,
        identity: Mapping[str, Any],
        dump: Callable[[Any], bytes],
        load: Callable[[bytes], Any],
        *,
        suffix: str,
        alone: bool = False,
    ) -> None:
        self.folder, self._dump, self._load, self._suffix = folder, dump, load, suffix
        folder.mkdir(parents=True, exist_ok=True)
        self._lock = _lock(folder) if alone else None
        self._is_apart = alone and self._lock is None
        if self._is_apart:
            self.folder = Path(mkdtemp(prefix=f"{folder.name}-", dir=folder.parent))
        try:
            self._check(json.loads(json.dumps(identity)))
        except BaseException:  # another run's folder, or a full disk
            self.__exit__()
            raise

    def __enter__(self) -> Resumable:
        return self

    def __exit__(self, *_: object) -> None:
        if self._lock is not None:
            self._lock.close()
        if self._is_apart:
            shutil.rmtree(self.folder, ignore_errors=True)

    def __contains__(self, name: object) -> bool:
        return self._file(str(name)).exists()

    def __getitem__(self, name: str) -> Any:
        return _read(self._file(name), self._load, "remove it, and it")

    def __setitem__(self, name: str, piece: Any) -> None:
        _write(self._file(name), self._dump(piece))

    def __delitem__(self, name: str) -> None:
        self._file(name).unlink(missing_ok=True)  # where others share the folder

    def __iter__(self) -> Iterator[str]:
        files = self.folder.glob(f"[!.]*{self._suffix}")
        return iter(sorted(unquote(path.stem) for path in files if path.name != _IDENTITY))

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def clear(self) -> None:
        """Remove the folder."""
        shutil.rmtree(self.folder)

    def _file(self, name: str) -> Path:
        return self.folder / f"{quote(name, safe='=,')}{self._suffix}"  # another for each name, on any system

    def _check(self, identity: dict[str, Any]) -> None:
        """Make sure that what is in the folder is of the same run."""
        path = self.folder / _IDENTITY
        if not path.exists():
            _write(path, json.dumps(identity, indent=1).encode())
            return
        kept = _read(path, json.loads, "remove the folder, and all of it")
        differing = [
            name for name in sorted({**kept, **identity}) if not _same(kept.get(name), identity.get(name))
        ]
        if differing:
            changes = (f"its {name} {_describe(kept.get(name), identity.get(name))}" for name in differing)
            raise ValueError(
                f"{self.folder} holds finished parts of another run: {', '.join(changes)}. Give another "
                "folder, or remove that one."
            )


def _describe(old: Any, new: Any) -> str:
    return "is another now" if isinstance(new, list) else f"was {old!r} and is {new!r} now"


def _read(path: Path, load: Callable[[bytes], Any], remedy: str) -> Any:
    try:
        return load(path.read_bytes())
    except FileNotFoundError as error:
        raise KeyError(path.stem) from error
    except Exception as error:  # each format has errors of its own
        raise ValueError(f"{path} is damaged ({error}); {remedy} is computed anew.") from error


def _write(path: Path, content: bytes) -> None:
    with replacing(path) as temporary:
        temporary.write_bytes(content)


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
    if one == other:
        return True
    numbers = all(isinstance(each, list) and {*map(type, each)} == {float} for each in (one, other))
    return numbers and len(one) == len(other) and bool(np.allclose(one, other, rtol=0, atol=_CLOSE))
