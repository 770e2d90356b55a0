"""Print the oldest versions that pyproject.toml allows of all that the package can use, for pip."""

import tomllib
from pathlib import Path

EXTRAS = ("plots", "vienna", "dask", "manifold", "parquet")

project = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text(encoding="utf-8"))["project"]
extras = project["optional-dependencies"]
for requirement in [*project["dependencies"], *(each for name in EXTRAS for each in extras[name])]:
    name, version = requirement.split(">=")
    if name != "torch":  # its old versions have no CPU build on the public index; constraints.txt pins it
        print(f"{name}=={version}")
