"""The scores of all windows along targets."""

from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray

from sklearn_mferl.features.rna_codes import FOREIGN
from sklearn_mferl.models.calibration import shift_prevalence
from sklearn_mferl.models.sites.letters import window_starts
from sklearn_mferl.network.devices import resolve_device
from sklearn_mferl.network.sites.site_network import STRIDE
from sklearn_mferl.utils.scheduling import one_openmp_thread

_MIRNAS_AT_ONCE: Final = (16, 256)  # on a processor, for its cache, and on a GPU
_WINDOWS_AT_ONCE: Final = 64


def scan_targets(
    model: Any, targets: list[NDArray[np.uint8]], mirnas: NDArray[np.uint8], circular: bool
) -> list[NDArray[np.float64]]:
    """Score every eighth window of targets with miRNAs.

    Several targets at once are quicker than one by one, and only rounding differs.

    Parameters
    ----------
    model : SiteClassifier
    targets : list of ndarray of uint8, shape (length,)
        Letters from 5' to 3' as numbers (`features.rna_codes`).
    mirnas : ndarray of uint8, shape (n_mirnas, mirna_length)
        First letters of the miRNAs.
    circular : bool
        Whether windows lie across the junction, too.

    Returns
    -------
    list of ndarray of float64, shape (n_mirnas, n_windows)
        Log-odds, each window at one place; the windows begin at `window_starts`.
    """
    window = model.window
    logits: list[Any] = [None] * len(targets)
    stretches = {}
    for row, target in enumerate(targets):
        starts, letters = window_starts(len(target), window, STRIDE, circular), target[::-1]
        if len(target) <= window:
            logits[row] = _score_rotations(model, letters, starts if circular else [0], mirnas)
            continue
        length = STRIDE * (len(starts) - 1) + window
        beyond = np.resize(letters, length) if circular else np.full(length, FOREIGN, np.uint8)
        stretches[row] = np.concatenate([letters, beyond])[:length]
    if stretches:
        scan = _scan_one if len(stretches) == 1 else _scan_many
        for row, scores in zip(stretches, scan(model, list(stretches.values()), mirnas), strict=True):
            logits[row] = scores
    return [shift_prevalence(each, model.training_prevalence_, model.prevalence) for each in logits]


def _score_rotations(
    model: Any, letters: NDArray[np.uint8], starts: Any, mirnas: NDArray[np.uint8]
) -> NDArray[np.float64]:
    """Score a target that is no longer than a window, from each start on."""
    margin = (model.window - len(letters)) // 2
    windows = np.full((len(starts), model.window), FOREIGN, dtype=np.uint8)
    for row, start in enumerate(starts):
        windows[row, margin : margin + len(letters)] = np.roll(letters, start)
    logits = model.score_letters(np.tile(windows, (len(mirnas), 1)), np.repeat(mirnas, len(windows), axis=0))
    return logits.reshape(len(mirnas), len(windows))


def _scan_one(
    model: Any, stretches: list[NDArray[np.uint8]], mirnas: NDArray[np.uint8]
) -> list[NDArray[np.float64]]:
    """Score all windows of one stretch, in blocks of miRNAs and of windows.

    The last block of miRNAs is filled up: rounding may depend on how many there are.
    """
    device = resolve_device(model.device)
    target = _to_torch(stretches[0], device)
    n_at_once = _MIRNAS_AT_ONCE[torch.device(device).type == "cuda"]
    block = torch.zeros((n_at_once, mirnas.shape[1]), dtype=torch.int64, device=device)
    logits = np.empty((len(mirnas), (len(target) - model.window) // STRIDE + 1))
    with torch.inference_mode(), one_openmp_thread():
        for first in range(0, len(mirnas), n_at_once):
            some = _to_torch(mirnas[first : first + n_at_once], device)
            block[: len(some)] = some
            for window in range(0, logits.shape[1], _WINDOWS_AT_ONCE):
                start = STRIDE * window
                stretch = target[start : start + STRIDE * (_WINDOWS_AT_ONCE - 1) + model.window]
                scores = model.net_.module_.scan(stretch, block)[: len(some)].cpu().numpy()
                logits[first : first + len(some), window : window + scores.shape[1]] = scores
    return [logits]


def _scan_many(
    model: Any, stretches: list[NDArray[np.uint8]], mirnas: NDArray[np.uint8]
) -> list[NDArray[np.float64]]:
    """Score all windows of stretches, one behind the other, miRNA by miRNA."""
    device = resolve_device(model.device)
    # each begins where a window of the whole does
    lengths = [-(-len(letters) // STRIDE) * STRIDE for letters in stretches]
    filled = [np.resize(letters, length) for letters, length in zip(stretches, lengths, strict=True)]
    target = _to_torch(np.concatenate(filled), device)
    with torch.inference_mode(), one_openmp_thread():
        scores = [model.net_.module_.scan_words(target, mirna) for mirna in _to_torch(mirnas, device)]
        logits = torch.cat(scores).cpu().numpy().astype(np.float64)
    first = np.cumsum([0, *lengths]) // STRIDE
    n_windows = [(len(letters) - model.window) // STRIDE + 1 for letters in stretches]
    return [logits[:, start : start + n] for start, n in zip(first[:-1], n_windows, strict=True)]


def _to_torch(letters: NDArray[np.uint8], device: Any) -> torch.Tensor:
    return torch.from_numpy(letters.astype(np.int64)).to(device)
