"""Which device a fit takes, and a word of warning where several fits take the same GPU."""

import sys
import warnings

import torch
from joblib.parallel import get_active_backend


def resolve_device(device: str) -> str:
    """Return the torch device that ``device="auto"`` stands for: the GPU where there is one."""
    if device == "auto":
        return "cuda" if torch.cuda.is_available() else "cpu"
    try:
        torch.device(device)
    except (RuntimeError, TypeError) as error:
        raise ValueError(
            f"device must be 'auto' or a torch device such as 'cpu' or 'cuda:0'; got {device!r}."
        ) from error
    return str(device)


def warn_if_gpu_is_shared(device: str) -> None:
    """Warn a fit that is one of several at the same time on one GPU.

    Python shows a warning once a process, and scikit-learn's workers take over its filters.
    """
    if torch.device(device).type == "cuda" and _is_one_of_several():
        warnings.warn(
            f"This is one of several fits at the same time (n_jobs > 1), and each trains on {device!r}: "
            "they share its memory and wait for one another. Set n_jobs=1 in GridSearchCV or cross_validate, "
            "or start one worker a GPU, each with a CUDA_VISIBLE_DEVICES of its own; or set device='cpu'.",
            UserWarning,
            stacklevel=3,
        )


def _is_one_of_several() -> bool:
    # joblib counts how deep a call is nested; a call of n_jobs=1 does not count
    if (get_active_backend()[0].nesting_level or 0) > 0:
        return True
    if "distributed" not in sys.modules:
        return False
    from distributed import get_worker

    try:
        return int(get_worker().state.nthreads) > 1
    except ValueError:  # not on a worker
        return False
