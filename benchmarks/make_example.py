"""Make the example that ships with the package from the pairs of starBase."""

import argparse
import gzip
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from sklearn_mferl.datasets import load_cmi, save_cmi
from sklearn_mferl.datasets.example import LONGEST, keep_short

EXAMPLE: Final = Path(__file__).parents[1] / "sklearn_mferl" / "datasets" / "example_data"


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of starBase, as load_cmi reads it")
    parser.add_argument("--out", type=Path, default=EXAMPLE, help="folder for the files")
    options = parser.parse_args(arguments)
    with TemporaryDirectory() as plain:
        save_cmi(keep_short(load_cmi(options.data), LONGEST), plain)
        for path in sorted(Path(plain).iterdir()):
            packed = gzip.compress(path.read_bytes(), mtime=0)  # the same file each time
            (options.out / f"{path.name}.gz").write_bytes(packed)


if __name__ == "__main__":
    main()
