"""Dropout whose random numbers are those of one network."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn


class Dropout(nn.Dropout):
    """`torch.nn.Dropout` with a generator of its own, which another thread cannot seed or advance.

    Attributes
    ----------
    generator : torch.Generator or None
        On the device of the numbers; None draws from that of the process. It is not copied nor saved.
    """

    generator: torch.Generator | None = None

    def forward(self, values: Tensor) -> Tensor:
        """Set some numbers to 0, and scale the others up, as torch does on a processor."""
        if not self.training or self.p == 0 or self.generator is None:
            return super().forward(values)
        kept = torch.empty_like(values).bernoulli_(1 - self.p, generator=self.generator)
        return values * kept.div_(1 - self.p)

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in vars(self).items() if name != "generator"}
