"""How much memory a fit of the network needs, and what to lower where there is not enough."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from sklearn_mferl.utils.validation import SIDES

if TYPE_CHECKING:
    from sklearn_mferl.pairs import PairTable

_SINGLE, _DOUBLE = 4, 8  # bytes of a number: training is in single precision, frozen networks in double
_N_VIEWS = 3
_SHORTAGES = ("out of memory", "can't allocate memory", "ALLOC_FAILED")  # of a GPU, a processor and cuBLAS

FIT_ADVICE = (
    "The network encodes all training RNAs in each step: lower embedding_dim, lower batch_size (the "
    "contrastive loss compares the RNAs of a batch with one another), or give the similarity scale "
    "n_landmarks, so that its width does not grow with the number of RNAs; or set device='cpu'."
)
SCORING_ADVICE = (
    "Score fewer pairs at a time (chunk_size in ranking), or fit with a lower embedding_dim or with "
    "n_landmarks in the similarity scale; or move the network by model.net_.module_.cpu()."
)


def estimate_fit_memory(
    n_rnas: Mapping[str, int],
    widths: Mapping[str, Sequence[int]],
    propagated: Mapping[str, Sequence[int]],
    n_pairs: int,
    *,
    embedding_dim: int = 128,
    batch_size: int = 1024,
) -> int:
    """Estimate the peak of memory on the device while `MFERLClassifier` fits its network, in bytes.

    The widths are those of the scales and of the propagated scales, by side. All parts of the network are
    taken to be switched on: what is measured differs by a fifth at most. The memory of the host takes two to
    three times that of the tables, besides the given ones. The formula is in ``docs/scaling.md``.

    Examples
    --------
    The publication's scales for 2,115 circRNAs and 821 miRNAs:

    >>> from sklearn_mferl.network.memory import estimate_fit_memory
    >>> scales = [340, 30, 128, 256]
    >>> n_rnas = {"circrna": 2115, "mirna": 821}
    >>> widths = {side: [*scales, n] for side, n in n_rnas.items()}
    >>> estimate_fit_memory(n_rnas, widths, dict.fromkeys(n_rnas, scales), n_pairs=19_000) // 10**6
    186
    """
    tables = training = freezing = 0.0
    for side in SIDES:
        n, n_columns = n_rnas[side], sum(widths[side]) + sum(propagated[side])
        n_scales, n_propagated = len(widths[side]), len(propagated[side])
        n_weights = embedding_dim * (n_columns + embedding_dim * (2 * n_scales + n_propagated + 3))
        tables += _SINGLE * n * n_columns
        # a node is in a batch once, however many of its pairs are
        in_batch = n * (1 - (1 - min(batch_size / n_pairs, 1)) ** (n_pairs / n))
        training += (
            4 * _SINGLE * n_weights  # the weights, their gradients, and the two moments of Adam
            + _SINGLE * n * embedding_dim * (6.25 * n_scales + 2 * n_propagated + 24)  # kept for gradients
            + _SINGLE * (_N_VIEWS + 1) * in_batch**2  # the comparisons of the contrastive loss
            + _SINGLE * batch_size * 2 * _N_VIEWS * embedding_dim
        )
        freezing += (3 * _SINGLE + _DOUBLE) * n_weights
        freezing += _DOUBLE * n * (n_columns + embedding_dim * 3 * n_scales)
    return round(tables + max(training, freezing))


def describe_fit(table: PairTable, embedding_dim: int, batch_size: int) -> str:
    """Say in words what training on some pairs needs, for `name_what_to_lower`."""
    tables = {side: getattr(table, side) for side in SIDES}
    n_bytes = estimate_fit_memory(
        {side: len(rnas) for side, rnas in tables.items()},
        {side: [block.shape[1] for block in rnas.scales.values()] for side, rnas in tables.items()},
        {side: [block.shape[1] for block in rnas.propagated.values()] for side, rnas in tables.items()},
        len(table),
        embedding_dim=embedding_dim,
        batch_size=batch_size,
    )
    return (
        f"training the network on {len(table.circrna)} circRNAs and {len(table.mirna)} miRNAs, which takes "
        f"about {n_bytes / 1e9:.2g} GB on the device"
    )


@contextmanager
def name_what_to_lower(doing: str, advice: str) -> Iterator[None]:
    """Turn torch's errors about memory into a MemoryError that says what to do."""
    try:
        yield
    except (RuntimeError, MemoryError) as error:
        # torch's class for it is of GPUs alone: on a CPU it raises a plain RuntimeError
        if not isinstance(error, MemoryError) and not any(words in str(error) for words in _SHORTAGES):
            raise
        first_line = next(iter(str(error).splitlines()), type(error).__name__)
        raise MemoryError(f"There is not enough memory for {doing}. {advice} ({first_line})") from error
