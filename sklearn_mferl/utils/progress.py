"""Progress, on a terminal only."""

import sys
from typing import Any

from tqdm import tqdm


def progress_bar(shown: bool, **options: Any) -> tqdm:
    """Make a bar on stderr; none where it is not asked for, or where stderr is a file or a pipe."""
    return tqdm(**{"leave": False, **options}, disable=None if shown else True)


def announce(message: str) -> None:
    """Write a line on stderr before work without a bar; nothing where stderr is a file or a pipe."""
    if sys.stderr.isatty():
        print(message, file=sys.stderr)
