"""Files that are there whole or not at all, however many programs write them and however these end."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


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
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def check_folder(folder: str | os.PathLike[str]) -> Path:
    """Return the path of a folder to write to, which may be missing, and refuse what cannot become one."""
    folder = Path(folder)
    standing = next((path for path in (folder, *folder.parents) if path.exists()), Path())
    if not standing.is_dir():
        raise ValueError(f"{standing} is a file; give a folder for the results.")
    return folder
