PYTHON ?= python3
PORT ?= 8000
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.DEFAULT_GOAL := help
.PHONY: help install run check test contrat conformite garde bench lock clean

help: ## What each target does
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  \1\t\2/' | expand -t 16

$(STAMP): requirements/dev.txt pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or later is needed" if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

install: $(STAMP) ## .venv with the locked dependencies

run: $(STAMP) ## Serve on 127.0.0.1:8000 (PORT= changes it), with the demo when the database is empty
	$(BIN)/espace-partenaires serve --demo --port $(PORT)

check: $(STAMP) ## Lint, format, types, import contracts, pure rules: seconds
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/python -m pytest tests/regles

test: $(STAMP) ## The whole suite, PostgreSQL included, on two processes
	$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder

contrat: $(STAMP) ## Write openapi/espace-partenaires.v1.yaml from the code
	$(BIN)/espace-partenaires openapi > openapi/espace-partenaires.v1.yaml

conformite: $(STAMP) ## Write docs/conformite.md from the marks of the tests
	$(BIN)/python -m tests.conformite

garde: $(STAMP) ## Measure the free-text guard on its corpora
	$(BIN)/python -m bench.garde

bench: $(STAMP) ## Measure what takes memory or time, on an installation of its own: minutes
	$(BIN)/python -m bench.pieces
	dossier=$$(mktemp -d) && export EP_DATA_DIR=$$dossier && trap "rm -rf $$dossier" EXIT && \
	$(BIN)/espace-partenaires demo >$$dossier/comptes && $(BIN)/python -m bench.statistiques && $(BIN)/python -m bench.journal

lock: ## Lock the dependencies again (needs uv)
	uv pip compile pyproject.toml -q -o requirements/runtime.txt --generate-hashes --no-emit-index-url --no-header --python-version 3.11 --universal
	uv pip compile pyproject.toml --group dev -q -o requirements/dev.txt --generate-hashes --no-emit-index-url --no-header --python-version 3.11 --universal -c requirements/runtime.txt

clean: ## Remove .venv and the data of the embedded engine
	rm -rf $(VENV) var
