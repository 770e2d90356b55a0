PYTHON ?= python3
BIN := .venv/bin
# karateclub cannot be resolved beside current numpy, yet its Role2Vec runs on it
KARATECLUB := karateclub==1.3.3 pygsp python-louvain decorator six
INSTALL := $(BIN)/python -m pip install --quiet --constraint constraints.txt

PYTEST := python -m pytest --numprocesses 2 --dist worksteal
LINT = $(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy

EXAMPLES ?= 100000
MUTANTS ?= *
# what may be joined with a program of GPL-3.0-or-later
LICENSES := Apache;BSD;GPL-2.0-or-later;GPL-3.0-or-later;ISC;LGPL;MIT;MPL;Mozilla;PSF;Python Software Foundation

.PHONY: demo check test test-lowest fuzz mutants audit docs links benchmarks bench clean

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

fuzz: .venv/dev-installed  ## Try EXAMPLES strange inputs of each kind, which takes hours
	OMP_NUM_THREADS=1 EXAMPLES=$(EXAMPLES) $(BIN)/python -m pytest tests/test_fuzz.py \
		--hypothesis-profile nightly $(FLAGS)

mutants: .venv/dev-installed  ## Change the code in each place and see whether a test fails; MUTANTS="sklearn_mferl.metrics*"
	$(INSTALL) mutmut
	OMP_NUM_THREADS=1 $(BIN)/mutmut run --max-children 2 "$(MUTANTS)"
	$(BIN)/python .ci/mutants.py

audit: .venv/dev-installed .venv-audit/installed  ## Look for known weaknesses of the dependencies, and list their licences
	.venv-audit/bin/pip-licenses --python $(BIN)/python --order license --format markdown \
		--partial-match --allow-only "$(LICENSES)"
	.venv-audit/bin/pip-audit --skip-editable --desc off \
		--path "$$($(BIN)/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')"

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

.venv-audit/installed:
	$(PYTHON) -m venv .venv-audit
	.venv-audit/bin/python -m pip install --quiet pip-audit pip-licenses
	touch $@

benchmarks: .venv/dev-installed  ## Measure all models on DATA="FOLDER FOLDER", and write the docs' and README's tables
	$(BIN)/python benchmarks/accuracy.py $(if $(DATA),--data $(DATA)) --out docs/benchmarks --readme README.md $(FLAGS)

bench: .venv/dev-installed  ## Measure speed and growth on DATA="FOLDER FOLDER", or on simulated data; FLAGS=--full
	$(BIN)/python benchmarks/speed.py $(if $(DATA),--data $(DATA)) --out docs/benchmarks $(FLAGS)

clean:
	rm -rf .venv .venv-lowest .venv-audit build mutants demo-output docs/_build docs/api/generated docs/commands.md docs/gallery
