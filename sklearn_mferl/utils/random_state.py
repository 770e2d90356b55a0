"""One ``random_state`` in, independent child seeds out; no global generator is touched."""

from typing import Any

import numpy as np


def spawn_seeds(random_state: Any, n_seeds: int) -> list[int]:
    """Derive independent seeds below 2**32 from an int, a generator, which is advanced, or fresh entropy."""
    if isinstance(random_state, np.random.RandomState):
        entropy: Any = random_state.randint(0, 2**31, size=4).tolist()
    elif isinstance(random_state, np.random.Generator):
        entropy = random_state.integers(0, 2**32, size=4).tolist()
    elif random_state is None or (isinstance(random_state, (int, np.integer)) and random_state >= 0):
        entropy = None if random_state is None else int(random_state)
    else:
        raise ValueError(
            f"random_state must be an int of at least 0, a numpy generator or None; got {random_state!r}."
        )
    children = np.random.SeedSequence(entropy).spawn(n_seeds)
    return [int(child.generate_state(1)[0]) for child in children]
