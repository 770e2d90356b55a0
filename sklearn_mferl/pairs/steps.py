"""The transformers that `PairFeatures` is given by name: checked, cloned and seeded."""

from typing import Any

from sklearn.base import clone

from sklearn_mferl.utils.random_state import spawn_seeds


def check_steps(name_of_list: str, kind: str, steps: Any) -> None:
    """Refuse what is neither None nor a list of names and transformers, or "drop"."""
    if not isinstance(steps, (list, tuple, type(None))):
        raise ValueError(f"{name_of_list} must be a list of (name, transformer); got {steps!r}.")
    for step in steps or ():
        if not isinstance(step, (tuple, list)) or len(step) != 2:
            raise ValueError(f"{name_of_list} must be a list of (name, transformer); got {step!r}.")
        name, transformer = step
        if not is_dropped(transformer) and not hasattr(transformer, "fit"):
            raise ValueError(f"The {kind} {name!r} is {transformer!r}; give a transformer or 'drop'.")


def clone_seeded(steps: list[tuple[str, Any]], random_state: Any) -> dict[str, Any]:
    """Clone the transformers in use, and seed those without a seed of their own."""
    # a seed for each, those that are dropped too, so that dropping one leaves the others as they were
    seeds = [None] * len(steps) if random_state is None else spawn_seeds(random_state, len(steps))
    cloned = {name: clone(step) for name, step in steps if not is_dropped(step)}
    for (name, _), seed in zip(steps, seeds, strict=True):
        if (
            name in cloned
            and seed is not None
            and cloned[name].get_params().get("random_state", seed) is None
        ):
            cloned[name].set_params(random_state=seed)
    return cloned


def for_side(scale: Any, side: str, circular: bool) -> Any:
    """Return a scale that reads circRNAs as circles, where it can, and miRNAs never."""
    if "circular" in scale.get_params():
        return clone(scale).set_params(circular=circular and side == "circrna")
    return scale


def reads_pairs(scale: Any) -> bool:
    """Tell the scales that learn from pairs, such as Role2Vec."""
    return hasattr(scale, "embed")


def scale_of(channel: str) -> str:
    """Name the scale that a channel of evidence gives."""
    return f"{channel}_embedding"


def is_dropped(step: Any) -> bool:
    """Tell whether a transformer is left out."""
    return isinstance(step, str) and step == "drop"
