PYTHON ?= python3
BIN := .venv/bin
# karateclub cannot be resolved beside current numpy, yet its Role2Vec runs on it
KARATECLUB := karateclub==1.3.3 pygsp python-louvain decorator six
INSTALL := $(BIN)/python -m pip install --quiet --constraint constraints.txt

.PHONY: demo test lint docs benchmarks bench clean

demo: .venv/demo-installed  ## Cross-validate, train, rank and explain on real data, in a minute
	$(BIN)/python -m sklearn_mferl.demo --out demo-output

test: .venv/dev-installed  ## Lint, type-check and test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest --numprocesses 2 --dist loadfile --cov --cov-report term

docs: .venv/dev-installed  ## Build the documentation
	$(INSTALL) --editable '.[docs]'
	$(BIN)/sphinx-build -W --keep-going docs docs/_build

.venv/bin/python:
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --upgrade pip

.venv/demo-installed: .venv/bin/python pyproject.toml constraints.txt
	$(INSTALL) --editable '.[plots]'
	touch $@

.venv/dev-installed: .venv/bin/python pyproject.toml constraints.txt
	$(INSTALL) --editable '.[dev,notebooks]'
	$(INSTALL) networkx
	$(INSTALL) --no-deps $(KARATECLUB)
	touch $@

benchmarks: .venv/dev-installed  ## Measure all models on DATA="FOLDER FOLDER", and write the docs' and README's tables
	$(BIN)/python benchmarks/accuracy.py $(if $(DATA),--data $(DATA)) --out docs/benchmarks --readme README.md $(FLAGS)

bench: .venv/dev-installed  ## Measure speed and growth on DATA="FOLDER FOLDER", or on simulated data; FLAGS=--full
	$(BIN)/python benchmarks/speed.py $(if $(DATA),--data $(DATA)) --out docs/benchmarks $(FLAGS)

clean:
	rm -rf .venv build demo-output docs/_build docs/api/generated
