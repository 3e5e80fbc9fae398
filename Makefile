# The front door. Python >= 3.11, make and git are all it takes for granted.

SHELL := /bin/sh
.DEFAULT_GOAL := help

VENV := .venv
BIN := $(VENV)/bin
RUNTIME := $(VENV)/.runtime
DEVELOPMENT := $(VENV)/.development
# What benchmarks measure us against stays out of the environment that we are measured in.
BENCH_VENV ?= /tmp/bench-venv
PEERS := $(BENCH_VENV)/.peers

# Real connector definitions for the demo, where they lie beside the checkout.
CONNECTORY_CORPUS ?= ../shared/corpus
DEFINITIONS := $(wildcard $(CONNECTORY_CORPUS)/connectors)
DEMO ?=
FAULT ?=

.PHONY: help
help: ## list these verbs
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# --- the virtual environment: rebuilt only when what it is made from has changed

$(BIN)/python:
	@for python in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	  if $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
	    $$python -m venv $(VENV) && exit 0; \
	    rm -rf $(VENV); \
	    echo "make: no virtual environment could be made; on Debian: apt-get install python3-venv" >&2; \
	    exit 1; \
	  fi; \
	done; \
	echo "make: no Python 3.11 or newer on the PATH; install one" >&2; \
	exit 1

$(RUNTIME): requirements.txt pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(DEVELOPMENT): requirements-dev.txt $(RUNTIME)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@

.PHONY: venv
venv: $(DEVELOPMENT) ## build .venv with everything, development tools included

# --- using it

.PHONY: demo
demo: $(RUNTIME) ## simulate a tenant, collect it, serve the dashboard (DEMO="--size tiny" passes options, FAULT=503 lets services fail)
	@$(BIN)/connectory demo $(if $(DEFINITIONS),--definitions "$(DEFINITIONS)") $(foreach fault,$(FAULT),--fault "$(fault)") $(DEMO)

# --- working on it

.PHONY: test
test: lint types layers docs-check ## everything that must hold: lint, types, layers, documents, all tests
	$(BIN)/python -m pytest -n 3 --dist loadgroup $(PYTEST)

.PHONY: lint
lint: $(DEVELOPMENT) ## style and format
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

.PHONY: types
types: $(DEVELOPMENT) ## strict types
	$(BIN)/mypy

.PHONY: layers
layers: $(DEVELOPMENT) ## who may import whom
	$(BIN)/lint-imports --no-cache

.PHONY: docs-check
docs-check: $(DEVELOPMENT) ## fail if a generated document is stale
	$(BIN)/python -m connectory.docs --check

.PHONY: docs
docs: $(DEVELOPMENT) ## write the generated documents anew
	$(BIN)/python -m connectory.docs

$(PEERS): requirements-bench.txt | $(BIN)/python
	$(BIN)/python -m venv $(BENCH_VENV)
	$(BENCH_VENV)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-bench.txt
	@touch $@

.PHONY: bench
bench: $(DEVELOPMENT) $(PEERS) ## print each figure of bench/, every one a ratio measured in one run
	@for script in $(filter-out bench/dlt_peer.py,$(wildcard bench/*.py)); do \
	  BENCH_VENV=$(BENCH_VENV) $(BIN)/python "$$script" || exit 1; \
	done

.PHONY: soak
soak: $(DEVELOPMENT) ## the long versions of the tests
	$(BIN)/python -m pytest -m soak

.PHONY: requirements
requirements: $(DEVELOPMENT) ## pin the newest allowed versions with their hashes
	$(BIN)/uv pip compile $(COMPILE) --group build -o requirements.txt pyproject.toml
	$(BIN)/uv pip compile $(COMPILE) --group build --group dev -c requirements.txt -o requirements-dev.txt pyproject.toml
	$(BIN)/uv pip compile $(COMPILE) --group bench -o requirements-bench.txt

COMPILE := --quiet --upgrade --universal --python-version 3.11 --generate-hashes \
  --no-header --no-annotate --no-emit-index-url --no-emit-find-links

.PHONY: clean
clean: ## remove what these verbs have built
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
