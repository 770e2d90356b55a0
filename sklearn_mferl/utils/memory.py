"""Memory that was freed, given back to the system."""

import ctypes
import sys


def give_back() -> None:
    """Give memory that was freed back to the system; glibc would keep that of each thread for itself.

    Five fits, one after the other, would hold half a gigabyte that no array is in.
    """
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # other C libraries have none
        if trim is not None:
            trim(0)
