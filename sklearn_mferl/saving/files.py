"""`save_model` and `load_model`: a fitted model as arrays and JSON in one file."""

import hashlib
import json
import os
from collections.abc import Collection
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator

from sklearn_mferl.saving.allowed import Allowed
from sklearn_mferl.saving.decode import Decoder
from sklearn_mferl.saving.encode import Encoder
from sklearn_mferl.utils.atomic import replacing
from sklearn_mferl.utils.versions import list_versions

FORMAT: Final = 5  # goes up where classes or attributes have other names, and older files cannot be read
_NAME: Final = "sklearn_mferl model"
_GRAPH: Final = "graph"
_HEADER: Final = "sklearn_mferl"  # one entry: safetensors writes several in any order
_LONGEST_HEADER: Final = 100_000_000  # bytes, as safetensors has it


def save_model(model: BaseEstimator, path: str | os.PathLike[str], *, trusted: Collection[str] = ()) -> Path:
    """Save a fitted model as a file that holds no code.

    Parameters
    ----------
    model : estimator
        A pipeline, classifier or transformer of this package, with parts of scikit-learn in it.
    path : str or path
        Where to write; a file of this name is replaced when the new one is complete.
    trusted : collection of str, default=()
        Classes of others that the model holds, as ``"package.module:Class"``. `load_model` needs them, too.

    Returns
    -------
    Path

    Raises
    ------
    ValueError
        If the model holds what cannot be written without code, such as a function or a class of somebody
        else's; `joblib.dump` takes these.

    Notes
    -----
    The file is one of safetensors: arrays, and in its header the format, the versions of the packages, the
    parameters and a SHA-256 of the content. The array ``graph`` is JSON that says how the arrays make the
    model.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from sklearn_mferl import KmerTransformer, load_model, save_model
    >>> with TemporaryDirectory() as folder:
    ...     path = save_model(KmerTransformer(k=1).fit(["ACGU"]), Path(folder) / "kmer.mferl")
    ...     load_model(path).transform(["AACG"])
    array([[0.5 , 0.25, 0.25, 0.  ]], dtype=float32)
    """
    from safetensors.numpy import save

    path = Path(path)
    encoder = Encoder(Allowed(trusted))
    try:
        root = encoder.encode(model)
    except (ValueError, TypeError) as error:
        raise ValueError(
            f"This {type(model).__name__} cannot be saved without code. {error} joblib.dump saves anything."
        ) from error
    graph = json.dumps({"root": root, "strings": [*encoder.strings]}, separators=(",", ":"))
    arrays = {**encoder.arrays, _GRAPH: np.frombuffer(graph.encode(), dtype=np.uint8)}
    header: dict[str, Any] = {
        "kind": _NAME,
        "format": FORMAT,
        "class": type(model).__name__,
        "versions": dict(list_versions()),
        "parameters": {name: _shorten(value) for name, value in model.get_params().items()},
    }
    header["sha256"] = _digest(header, arrays)
    with replacing(path) as temporary:
        temporary.write_bytes(save(arrays, metadata={_HEADER: json.dumps(header)}))
    return path


def load_model(path: str | os.PathLike[str], *, trusted: Collection[str] = ()) -> Any:
    """Load a model that `save_model` wrote; nothing in the file is run.

    Parameters
    ----------
    path : str or path
    trusted : collection of str, default=()
        Classes of others that it may hold, as ``"package.module:Class"``.

    Returns
    -------
    estimator
        Fitted, on the processor; it computes on its `device`.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If it is damaged, no model, of a later format, or names a class or function that a model may not
        hold. Memory stays in proportion to the file.

    Warns
    -----
    UserWarning
        If another version of the package saved it.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from sklearn_mferl import CTDTransformer, load_model, save_model
    >>> with TemporaryDirectory() as folder:
    ...     load_model(save_model(CTDTransformer().fit(["ACGU"]), Path(folder) / "ctd.mferl"))
    CTDTransformer()
    """
    try:
        content = Path(path).read_bytes()
    except FileNotFoundError:
        raise FileNotFoundError(f"There is no model {path}.") from None
    return read_model(content, path, trusted)


def is_model(content: bytes) -> bool:
    """Tell by the first bytes of a file whether `save_model` may have written it."""
    length = int.from_bytes(content[:8], "little")
    return content[8:9] == b"{" and length <= _LONGEST_HEADER


def read_model(content: bytes, path: Any, trusted: Collection[str] = ()) -> Any:
    """Return the model of a file that has been read."""
    header, arrays = _read(content, path)
    if header.get("format") != FORMAT:
        versions = header.get("versions")
        release = versions.get("sklearn-mferl") if isinstance(versions, dict) else None
        raise ValueError(
            f"{path} is of format {header.get('format')!r}, this release reads {FORMAT}: sklearn_mferl "
            f"{release or 'of another version'} saved it and reads it; install that, or train again."
        )
    if header.pop("sha256", "") != _digest(header, arrays):
        raise ValueError(f"{path} is damaged: its content has another SHA-256 than it should.")
    try:
        graph = json.loads(arrays.pop(_GRAPH).tobytes())
        model = Decoder(arrays, graph["strings"], Allowed(trusted)).decode(graph["root"])
    except ValueError as error:
        raise ValueError(f"{path} cannot be loaded. {error}") from error
    except Exception as error:  # whatever the state of a foreign file makes of a class
        raise ValueError(f"{path} is no model that can be loaded: {error!r}") from error
    if not isinstance(model, BaseEstimator):
        raise ValueError(f"{path} holds a {type(model).__name__}, which is no model.")
    return model


def _read(content: bytes, path: Any) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
    """Return the header and the arrays of a file."""
    from safetensors import SafetensorError
    from safetensors.numpy import load

    try:
        length = int.from_bytes(content[:8], "little")
        if not is_model(content) or length > len(content) - 8:
            raise ValueError("it does not begin as one, or ends within its header")
        header = json.loads(json.loads(content[8 : 8 + length])["__metadata__"][_HEADER])
        if header["kind"] != _NAME:
            raise ValueError(f"it is a {header['kind']}")
        return dict(header), load(content)
    except (ValueError, KeyError, TypeError, SafetensorError, RecursionError) as error:
        raise ValueError(
            f"{path} is damaged, or no model that save_model wrote: {error}. joblib.load opens what "
            "joblib.dump wrote, and runs code in it: open only files that you trust."
        ) from error


def _digest(header: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> str:
    """Return the SHA-256 of a header, and of arrays with their names, types and shapes."""
    digest = hashlib.sha256(json.dumps(header, sort_keys=True).encode())
    for name in sorted(arrays):
        array = np.ascontiguousarray(arrays[name])
        digest.update(f"{name} {array.dtype.str} {array.shape}\n".encode())
        digest.update(array.tobytes())
    return digest.hexdigest()


def _shorten(value: Any) -> str:
    text = repr(value) if isinstance(value, (str, int, float, bool, type(None))) else type(value).__name__
    return text[:100]
