"""Rankings as files, CSV or Parquet, written block by block, and what is kept beside them until then."""

from collections.abc import Iterable, Mapping
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from sklearn_mferl.utils.atomic import Resumable, check_file, replacing


def check_out(out: Any, suffixes: tuple[str, str] = (".csv", ".parquet")) -> Path:
    """Return the path of a ranking to be written."""
    path = Path(out)
    if path.suffix not in suffixes:
        raise ValueError(f"out must end in {' or '.join(suffixes)}; got {str(out)!r}.")
    check_file(path, f"out {str(path)!r}")
    if path.suffix == ".parquet":
        import_pyarrow()
    return path


def import_pyarrow() -> Any:
    """Import pyarrow, an optional dependency."""
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError as error:
        raise ImportError(
            "Parquet files need pyarrow: pip install 'sklearn-mferl[parquet]', or name a file that ends "
            "in .csv."
        ) from error
    return pyarrow


def open_store(out: Path, identity: Mapping[str, Any], kind: Any) -> Resumable:
    """Open the folder beside a ranking in which finished pieces are kept, tuples of arrays of one kind."""

    def dump(piece: Any) -> bytes:
        file = BytesIO()
        np.savez(file, **piece._asdict())
        return file.getvalue()

    def load(content: bytes) -> Any:
        with np.load(BytesIO(content)) as arrays:
            return kind(**arrays)

    return Resumable(out.with_name(out.name + ".part"), identity, dump, load, suffix=".npz", alone=True)


def piece_name(number: int) -> str:
    """Return the name of a piece, which sorts like its number."""
    return f"{number:08d}"


def write_frames(frames: Iterable[pd.DataFrame], out: Path) -> None:
    """Write a table that comes in pieces."""
    with replacing(out) as temporary:
        if out.suffix == ".csv":
            with temporary.open("w", encoding="utf-8", newline="") as file:
                for number, frame in enumerate(frames):
                    frame.to_csv(file, index=False, header=number == 0, lineterminator="\n")
            return
        pyarrow = import_pyarrow()
        types = {"rank": "int64", "circrna": "string", "mirna": "string", "score": "float64"}
        schema = pyarrow.schema([(name, getattr(pyarrow, kind)()) for name, kind in types.items()])
        with pyarrow.parquet.ParquetWriter(temporary, schema) as writer:
            for frame in frames:
                writer.write_table(pyarrow.Table.from_pandas(frame, schema, preserve_index=False))
