"""Names of the user's as words of a figure."""

from __future__ import annotations

from typing import Any


def literal(text: Any) -> str:
    """Write a name so that matplotlib draws it as it is: a dollar sign begins no formula."""
    return str(text).replace("$", r"\$")
