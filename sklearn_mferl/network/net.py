"""skorch's net and dropout, whose random numbers are their own; steps may be in mixed precision."""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray
from skorch import NeuralNet
from skorch.callbacks import LRScheduler
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode
from torch.utils.data import DataLoader, Sampler

_FEWEST_STEPS: Final = 10  # OneCycleLR divides by zero where the warm-up is of exactly one step


class MFERLNet(NeuralNet):
    """Train a network whatever other threads do: no draw is from torch's generators of the process.

    With mixed precision the large products are in bfloat16, as `torch.autocast` chooses them. bfloat16 has
    the range of single precision, so the loss needs no scaling; weights, gradients and the loss itself stay
    in single precision.
    """

    def __init__(
        self,
        *args: Any,
        seed: int = 0,
        mixed_precision: bool = False,
        training_only: tuple[str, ...] = (),
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.seed = seed
        self.mixed_precision = mixed_precision
        self.training_only = training_only

    def initialize_module(self) -> MFERLNet:
        """Draw the weights on the processor, and give dropout the generator of the device."""
        self.generator_: torch.Generator | None = _seeded("cpu", self.seed)
        with _DrawFrom(self.generator_):
            super().initialize_module()
        on_cpu = torch.device(self.device).type == "cpu"
        self.module_.set_generator(self.generator_ if on_cpu else _seeded(self.device, self.seed))
        return self

    def get_iterator(self, dataset: Any, training: bool = False) -> DataLoader:
        """Return the batches, in another order each epoch of training."""
        params = self.get_params_for("iterator_train" if training else "iterator_valid")
        assert not training or self.generator_ is not None  # before forget_training
        batch_size = params.pop("batch_size", self.batch_size)
        batches = _Batches(len(dataset), batch_size, self.generator_ if training else None)
        return DataLoader(dataset, batch_size=None, sampler=batches, generator=self.generator_, **params)

    def fit_loop(self, *args: Any, **kwargs: Any) -> MFERLNet:
        """Train, and note whether it was stopped by force, which skorch takes for a wish to stop early."""
        self.was_interrupted = False
        try:
            super().fit_loop(*args, **kwargs)
        except KeyboardInterrupt as wish:
            # a callback that has seen enough raises it itself at the end of an epoch
            where = [frame.name for frame in traceback.extract_tb(wish.__traceback__)]
            self.was_interrupted = where[-1] != "on_epoch_end"
            raise
        return self

    def infer(self, x: Any, **fit_params: Any) -> tuple[torch.Tensor, ...]:
        """Run the module on a batch; its outputs are in single precision."""
        if not self.mixed_precision:
            outputs: tuple[torch.Tensor, ...] = super().infer(x, **fit_params)
            return outputs
        with torch.autocast(torch.device(self.device).type, dtype=torch.bfloat16):
            outputs = super().infer(x, **fit_params)
        return tuple(output.float() for output in outputs)

    def train(self, dataset: Any) -> None:
        """Train on a data set that holds the targets, and forget it."""
        self.fit(dataset, None)
        if self.was_interrupted:
            raise KeyboardInterrupt
        self.forget_training()

    def forget_training(self) -> None:
        """Let go of the tables, the validation pairs and the generators, so that a saved model holds none.

        After ``compile=True`` it goes back to the modules themselves: what is compiled cannot be saved.
        """
        for name in ("module_", "criterion_"):
            compiled = getattr(self, name)
            setattr(self, name, getattr(compiled, "_orig_mod", compiled))
        self.module_.set_generator(None)
        for name in self.training_only:
            setattr(self, name, None)
        self.train_split = self.generator_ = None


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


def one_cycle(peak: float, n_steps: int) -> tuple[str, LRScheduler]:
    """Return the callback that warms the learning rate up over a tenth of the steps, then anneals it to 0."""
    schedule = LRScheduler(
        torch.optim.lr_scheduler.OneCycleLR,
        step_every="batch",
        max_lr=peak,
        total_steps=max(n_steps, _FEWEST_STEPS) + 1,
        pct_start=0.1,
    )
    return "lr_schedule", schedule


def _seeded(device: str, seed: int) -> torch.Generator:
    return torch.Generator(device).manual_seed(seed)


class _DrawFrom(TorchFunctionMode):
    """Initialise layers by a generator, in this thread alone: torch's own layers take none."""

    def __init__(self, generator: torch.Generator) -> None:
        super().__init__()
        self.generator = generator

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        if func in (torch.nn.init.kaiming_uniform_, torch.nn.init.uniform_):
            kwargs = {**kwargs, "generator": self.generator}
        return func(*args, **kwargs)


class _Batches(Sampler[NDArray[np.int64]]):
    """Row numbers by batch, shuffled where there is a generator, as `torch.utils.data.RandomSampler` does.

    A whole batch is read at once, by an array of numbers: row by row takes as long as a step.
    """

    def __init__(self, n_rows: int, batch_size: int, generator: torch.Generator | None) -> None:
        self.n_rows = n_rows
        self.batch_size = batch_size
        self.generator = generator

    def __len__(self) -> int:
        return -(-self.n_rows // self.batch_size)

    def __iter__(self) -> Iterator[NDArray[np.int64]]:
        rows = torch.arange(self.n_rows)
        if self.generator is not None:
            seed = int(torch.empty((), dtype=torch.int64).random_(generator=self.generator).item())
            rows = torch.randperm(self.n_rows, generator=_seeded("cpu", seed))
        for batch in rows.split(self.batch_size):
            yield batch.numpy()
