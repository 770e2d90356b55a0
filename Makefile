PYTHON ?= python3
BIN := .venv/bin
# karateclub cannot be resolved beside current numpy, yet its Role2Vec runs on it
KARATECLUB := karateclub==1.3.3 pygsp python-louvain decorator six
INSTALL := $(BIN)/python -m pip install --quiet --constraint constraints.txt

PYTEST := python -m pytest --numprocesses 2 --dist worksteal
LINT = $(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy

.PHONY: demo check test test-lowest docs links benchmarks bench clean

demo: .venv/demo-installed  ## Cross-validate, train, rank and explain on real data, in some five minutes
	$(BIN)/python -m sklearn_mferl.demo --out demo-output

check: .venv/dev-installed  ## Lint, type-check and run the quick tests, in a minute
	$(LINT)
	OMP_NUM_THREADS=1 $(BIN)/$(PYTEST) -m "not slow"

test: .venv/dev-installed  ## Lint, type-check and run all tests; FLAGS go to pytest
	$(LINT)
	OMP_NUM_THREADS=1 $(BIN)/$(PYTEST) $(FLAGS)

test-lowest: .venv-lowest/installed  ## Run the tests on the oldest versions that pyproject.toml allows
	OMP_NUM_THREADS=1 .venv-lowest/bin/$(PYTEST) $(FLAGS)

docs: .venv/dev-installed  ## Build the documentation, check its links and run the examples of docstrings
	$(INSTALL) --editable '.[docs]'
	rm -rf docs/api/generated  # it may have pages of names that are gone
	$(BIN)/sphinx-build -W --keep-going docs docs/_build
	$(BIN)/python .ci/links.py docs/_build
	$(BIN)/python -m pytest sklearn_mferl

links: docs  ## Ask the web for the pages that the documentation links to
	$(BIN)/sphinx-build -W --keep-going -b linkcheck docs docs/_build/links

.venv/bin/python:
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --upgrade pip

.venv/demo-installed: .venv/bin/python pyproject.toml constraints.txt
	$(INSTALL) --editable '.[plots]'
	touch $@

.venv/dev-installed: .venv/bin/python pyproject.toml constraints.txt
	$(INSTALL) --editable '.[dev]'
	$(INSTALL) networkx
	$(INSTALL) --no-deps $(KARATECLUB)
	touch $@

.venv-lowest/installed: pyproject.toml constraints.txt .ci/minima.py
	$(PYTHON) -m venv .venv-lowest
	$(PYTHON) .ci/minima.py > .venv-lowest/minima.txt
	.venv-lowest/bin/python -m pip install --quiet --prefer-binary --constraint constraints.txt \
		--requirement .venv-lowest/minima.txt --editable .
	touch $@

benchmarks: .venv/dev-installed  ## Measure all models on DATA="FOLDER FOLDER", and write the docs' and README's tables
	$(BIN)/python benchmarks/accuracy.py $(if $(DATA),--data $(DATA)) --out docs/benchmarks --readme README.md $(FLAGS)

bench: .venv/dev-installed  ## Measure speed and growth on DATA="FOLDER FOLDER", or on simulated data; FLAGS=--full
	$(BIN)/python benchmarks/speed.py $(if $(DATA),--data $(DATA)) --out docs/benchmarks $(FLAGS)

clean:
	rm -rf .venv .venv-lowest build demo-output docs/_build docs/api/generated docs/commands.md docs/gallery
