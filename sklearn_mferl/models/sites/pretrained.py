"""The weights of a `SiteClassifier` as files: arrays in one, in the other how they were made."""

import hashlib
import json
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from sklearn_mferl.utils.atomic import replacing

FOLDER: Final = Path(__file__).parent / "weights"
_ARRAYS, _CARD = "sites.safetensors", "sites.json"
_FORMAT: Final = 1  # goes up where older files cannot be read any more
_PACKAGES: Final = ("sklearn-mferl", "torch", "skorch", "numpy")


def save_weights(model: Any, folder: Path, trained_on: dict[str, Any]) -> None:
    """Write a fitted model's weights, its parameters, and what it was trained on and with."""
    from safetensors.numpy import save

    arrays = {
        name: np.ascontiguousarray(array.cpu().numpy())
        for name, array in model.net_.module_.state_dict().items()
    }
    content = save(arrays)
    card = {
        "format": _FORMAT,
        "sha256": hashlib.sha256(content).hexdigest(),
        "parameters": model.get_params(),
        "training_prevalence": model.training_prevalence_,
        "seed_counts": model.seed_counts_,
        "trained_on": trained_on,
        "versions": {name: version(name) for name in _PACKAGES},
    }
    folder.mkdir(parents=True, exist_ok=True)
    for name, written in ((_ARRAYS, content), (_CARD, (json.dumps(card, indent=2) + "\n").encode())):
        with replacing(folder / name) as temporary:
            temporary.write_bytes(written)


def load_weights(folder: Path) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
    """Return the card, and the arrays of the network by name; refuse what is damaged."""
    from safetensors.numpy import load

    remedy = "install sklearn-mferl again, or make the weights anew by python -m sklearn_mferl.train_sites"
    try:
        card, content = json.loads((folder / _CARD).read_bytes()), (folder / _ARRAYS).read_bytes()
    except FileNotFoundError as error:
        raise ValueError(f"There are no weights in {folder}; {remedy}.") from error
    except ValueError as error:
        raise ValueError(f"{folder / _CARD} is damaged ({error}); {remedy}.") from error
    if not isinstance(card, dict) or card.get("format") != _FORMAT:
        raise ValueError(f"{folder / _CARD} is not of format {_FORMAT}, as this release needs; {remedy}.")
    if hashlib.sha256(content).hexdigest() != card["sha256"]:
        raise ValueError(f"{folder / _ARRAYS} is damaged: it has another SHA-256 than it should; {remedy}.")
    return card, load(content)
