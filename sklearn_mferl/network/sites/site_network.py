"""Does a miRNA bind a stretch of its target? A convolutional network over all pairs of their letters."""

from __future__ import annotations

from typing import Final, cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from sklearn_mferl.network.net import Dropout

N_LETTERS: Final = 5  # A, C, G, U and any other
STRIDE: Final = 8  # letters from one window of a scan to the next: each block of layers halves them
_N_CODES: Final = 8
_WINDOWS_AT_ONCE: Final = 1024  # of a long scan, for the cache of a processor
# of two letters in the order ACGU: 3 for C:G, 2 for A:U, 1 for G:U
_PAIRING: Final = torch.tensor([[0, 0, 0, 2], [0, 0, 3, 0], [0, 3, 0, 1], [2, 0, 1, 0]])


class SiteNetwork(nn.Module):
    """Logits of binding from the letters of both RNAs.

    Each pair of a letter of the target and one of the miRNA has a code. Three blocks, each of a
    convolution, the maximum of two by two places, batch normalisation and ReLU, read the table of codes,
    and two layers what is left of it.

    Along the target the convolutions see no margin, so windows that overlap share what they have in common:
    `scan` scores all windows of a long target at the price of a few.

    Parameters
    ----------
    window : int
        Letters of the target; those of the miRNA are `mirna_length`.
    mirna_length : int
    channels : tuple of int
        Channels of the three blocks.
    hidden : int
        Width of the last hidden layer.
    dropout : float
        On the inputs of the last two layers.
    """

    def __init__(
        self, window: int, mirna_length: int, channels: tuple[int, int, int], hidden: int, dropout: float
    ) -> None:
        super().__init__()
        self.code = nn.Parameter(_first_codes())
        sizes = (5, 3, 3)  # a stem of five pairs, then what lies around it
        self.blocks = nn.ModuleList(
            _Block(n_in, n_out, size)
            for n_in, n_out, size in zip((_N_CODES, *channels), channels, sizes, strict=False)
        )
        # the first convolution is not done place by place
        self.kernel = cast(nn.Conv2d, self.blocks[0].convolution).weight
        self.blocks[0].convolution = nn.Identity()
        for size in sizes:
            window, mirna_length = (window - size + 1) // 2, mirna_length // 2
        self.left = (window, mirna_length)
        self.hidden = nn.Linear(channels[-1] * window * mirna_length, hidden)
        self.output = nn.Linear(hidden, 1)
        self.dropout = Dropout(dropout)

    def forward(self, letters: tuple[Tensor, Tensor]) -> Tensor:
        """Score pairs.

        Parameters
        ----------
        letters : tuple of two Tensors of int64
            Targets from 3' to 5', shape (n, window), and miRNAs from 5' to 3', shape (n, mirna_length).

        Returns
        -------
        Tensor, shape (n,)
        """
        targets, mirnas = letters
        return self._read(self._combine(targets.unfold(1, self.kernel.shape[2], 1), mirnas))

    def attribute(self, target: Tensor, mirna: Tensor, n_steps: int) -> tuple[Tensor, Tensor]:
        """Share the logit of one pair among its letters, by integrated gradients.

        Parameters
        ----------
        target, mirna : Tensor of int64, shape (window,) and (mirna_length,)
        n_steps : int
            Steps on the way from unknown letters to those that there are.

        Returns
        -------
        tuple of two Tensors
            Contributions of the letters, which add up to the logit less that of unknown letters alone, but
            for the error of the sum that stands for an integral.
        """
        letters = [F.one_hot(rna, N_LETTERS).to(self.kernel) for rna in (target, mirna)]
        unknown = F.one_hot(target.new_tensor(N_LETTERS - 1), N_LETTERS).to(self.kernel)
        share = ((torch.arange(n_steps, device=target.device) + 0.5) / n_steps).view(-1, 1, 1).to(unknown)
        mixtures = [(unknown + share * (rna - unknown)).requires_grad_() for rna in letters]
        logits = self._read(self._combine_mixtures(*mixtures))
        slopes = torch.autograd.grad(logits.sum(), mixtures)
        of_target, of_mirna = (
            (slope.mean(dim=0) * (rna - unknown)).sum(dim=1)
            for rna, slope in zip(letters, slopes, strict=True)
        )
        return of_target, of_mirna

    @torch.no_grad()
    def scan(self, target: Tensor, mirnas: Tensor) -> Tensor:
        """Score every `STRIDE`-th window of one target with each miRNA.

        Parameters
        ----------
        target : Tensor of int64, shape (length,)
            Letters from 3' to 5', at least a window.
        mirnas : Tensor of int64, shape (n_mirnas, mirna_length)

        Returns
        -------
        Tensor, shape (n_mirnas, n_windows)
            What `forward` gives in evaluation, but for rounding; windows from the target's 3' end on.
        """
        first, second, _ = self._typed_blocks
        return self._finish(
            second.convolution(first(self._combine(target.unfold(0, self.kernel.shape[2], 1), mirnas)))
        )

    @torch.no_grad()
    def scan_words(self, target: Tensor, mirna: Tensor) -> Tensor:
        """Do as `scan` for one miRNA; quicker along a target so long that its words of six letters recur.

        A place after the first block hangs on six letters. The second convolution adds up three such places,
        so each distinct word is convolved once, by each row of the kernel; what is left is to look up the
        three of each place and add them up.
        """
        first, second, _ = self._typed_blocks
        kernel, size = cast(nn.Conv2d, second.convolution).weight, self.kernel.shape[2]
        n_channels, _, n_rows, width = kernel.shape
        words, word = _distinct_words(target, size + 1)
        table = first(self._combine(words.unfold(1, size, 1).flatten(end_dim=1), mirna.unsqueeze(0)))
        by_row = kernel.permute(2, 0, 1, 3).flatten(end_dim=1).unsqueeze(2)
        table = F.conv2d(table, by_row, padding=(0, width // 2)).unflatten(1, (n_rows, n_channels))
        vectors = table.permute(0, 3, 1, 4, 2).flatten(start_dim=3).flatten(end_dim=2)
        vector = n_rows * word.unfold(0, n_rows, 1) + torch.arange(n_rows, device=word.device)
        step, n_places = STRIDE // 2, 2 * (2 * self.left[0] + n_rows - 1)  # from window to window, and of one
        logits = []
        for window in range(0, (len(vector) - n_places) // step + 1, _WINDOWS_AT_ONCE):
            some = vector[step * window : step * (window + _WINDOWS_AT_ONCE - 1) + n_places]
            table = F.embedding_bag(some, vectors, mode="sum").view(1, len(some), -1, n_channels)
            logits.append(self._finish(table.permute(0, 3, 1, 2)))
        return torch.cat(logits, dim=1)

    @property
    def _typed_blocks(self) -> list[_Block]:
        return cast("list[_Block]", list(self.blocks))

    def _finish(self, table: Tensor) -> Tensor:
        """Return the logits of windows from the second convolution, shape (n, n_windows)."""
        _, second, third = self._typed_blocks
        table = third(second.condense(table))
        weight = self.hidden.weight.view(self.hidden.out_features, -1, *self.left)
        hidden = torch.relu_(F.conv2d(table, weight, self.hidden.bias)).squeeze(3)
        return self.output(hidden.transpose(1, 2)).squeeze(2)

    def _read(self, table: Tensor) -> Tensor:
        for block in self.blocks:
            table = block(table)
        hidden = torch.relu(self.hidden(self.dropout(table.flatten(start_dim=1))))
        return self.output(self.dropout(hidden)).squeeze(1)

    def set_generator(self, generator: torch.Generator | None) -> None:
        """Choose where dropout is drawn from."""
        self.dropout.generator = generator

    def _combine(self, seen: Tensor, mirnas: Tensor) -> Tensor:
        """Convolve the codes of all pairs of letters; of targets what a convolution sees at each place.

        The convolution adds up a number for each pair of letters that it sees: it is linear in the letters
        of either RNA. With those of the miRNA there is a vector for each letter of the target at each place
        of the kernel, and what is left is to look up five of them and add them up.
        """
        size = self.kernel.shape[2]
        vectors = self._sum_letters(F.one_hot(mirnas, N_LETTERS).to(self.kernel))
        place = torch.arange(size, device=seen.device)
        pair = torch.arange(len(mirnas), device=seen.device).view(-1, 1, 1)
        rows = seen + N_LETTERS * (place + size * pair)
        table = F.embedding_bag(rows.flatten(end_dim=1), vectors.flatten(2).flatten(end_dim=1), mode="sum")
        # its channels are the last in memory, where all that follows is quick
        return table.view(len(mirnas), -1, *vectors.shape[2:]).permute(0, 3, 1, 2)

    def _combine_mixtures(self, targets: Tensor, mirnas: Tensor) -> Tensor:
        """Do as `_combine` with mixtures of letters, shape (n, length, 5)."""
        vectors = self._sum_letters(mirnas)
        table = _see(targets, self.kernel.shape[2]) @ vectors.flatten(start_dim=2)
        return table.unflatten(2, vectors.shape[2:]).permute(0, 3, 1, 2)

    def _sum_letters(self, mirnas: Tensor) -> Tensor:
        """Return vectors for letters of targets, shape (n, 5 * size, mirna_length, n_channels)."""
        n_out, n_codes, size, _ = self.kernel.shape
        codes = self.code.view(N_LETTERS, N_LETTERS, n_codes)
        by_letters = torch.einsum("tmc,ocde->emdto", codes, self.kernel).reshape(size * N_LETTERS, -1)
        seen = _see(F.pad(mirnas, (0, 0, size // 2, size // 2)), size)
        return (seen @ by_letters).unflatten(2, (size * N_LETTERS, n_out)).transpose(1, 2)


def _distinct_words(letters: Tensor, size: int) -> tuple[Tensor, Tensor]:
    """Return the distinct words at every second place, shape (n_words, size), and which of them is there."""
    digits = N_LETTERS ** torch.arange(size, device=letters.device)
    numbers, word = torch.unique((letters.unfold(0, size, 2) * digits).sum(dim=1), return_inverse=True)
    return numbers.unsqueeze(1) // digits % N_LETTERS, word


def _see(letters: Tensor, size: int) -> Tensor:
    """Return what a convolution sees at each place, shape (n, n_places, size * 5)."""
    return letters.unfold(1, size, 1).transpose(2, 3).flatten(start_dim=2)


class _Block(nn.Module):
    """The maximum of 2 x 2 places, normalised, and ReLU; before it a convolution without margin."""

    def __init__(self, n_in: int, n_out: int, size: int) -> None:
        super().__init__()
        self.convolution: nn.Module = nn.Conv2d(n_in, n_out, size, padding=(0, size // 2), bias=False)
        self.norm = nn.BatchNorm2d(n_out)

    def forward(self, table: Tensor) -> Tensor:
        return self.condense(self.convolution(table))

    def condense(self, table: Tensor) -> Tensor:
        """Do what follows the convolution."""
        return torch.relu(self.norm(_halve(table)))


def _halve(table: Tensor) -> Tensor:
    """Return the maximum of two by two places.

    `max_pool2d` notes which of the four it was, which takes longer and only training needs to know.
    """
    if torch.is_grad_enabled():
        return F.max_pool2d(table, 2)
    height, width = (size // 2 * 2 for size in table.shape[2:])
    table = torch.maximum(table[:, :, 0:height:2], table[:, :, 1:height:2])
    return torch.maximum(table[..., 0:width:2], table[..., 1:width:2])


def _first_codes() -> Tensor:
    """Return small random codes, the first four of which say how two letters pair."""
    codes = torch.empty(N_LETTERS, N_LETTERS, _N_CODES)
    nn.init.uniform_(codes, -0.5, 0.5)
    known = torch.stack([_PAIRING >= 2, _PAIRING == 1, _PAIRING == 3, _PAIRING == 0], dim=2)
    codes[:-1, :-1, : known.shape[2]] = known.to(codes.dtype)
    codes[-1] = codes[:, -1] = 0.0
    return codes.view(N_LETTERS**2, _N_CODES)


class SiteLoss(nn.Module):
    """Weighted cross-entropy of a batch of sites."""

    def forward(self, logits: Tensor, answers: Tensor) -> Tensor:
        """Compute it from labels and weights, shape (n, 2)."""
        label, weight = answers.unbind(dim=1)
        return F.binary_cross_entropy_with_logits(logits, label, weight=weight)
