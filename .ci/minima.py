"""Print the oldest versions that pyproject.toml allows of all that the package and its tests use, for pip."""

import tomllib
from pathlib import Path

EXTRAS = ("plots", "vienna", "dask", "manifold", "parquet")
TOOLS = ("pytest", "pytest-xdist", "hypothesis")

project = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text(encoding="utf-8"))["project"]
extras = project["optional-dependencies"]
requirements = [*project["dependencies"], *(each for name in EXTRAS for each in extras[name])]
requirements += [each for each in extras["dev"] if each.split(">=")[0] in TOOLS]
for requirement in requirements:
    name, version = requirement.split(">=")
    if name != "torch":  # its old versions have no CPU build on the public index; constraints.txt pins it
        print(f"{name}=={version}")
print("pyparsing<3.3")  # later ones warn of names that the oldest matplotlib uses
print("click<8.3")  # later ones warn of a name that the oldest typer uses
