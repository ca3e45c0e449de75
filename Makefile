# make demo   run the main job on the bundled sample
# make up     Dagster, JupyterLab and the sandbox network together
# make test   format, lint, layers, types, tests
#
# On Linux outside our own machines PyPI's torch brings several GB of CUDA. Name an index of CPU
# builds (pytorch.org, "Get started", compute platform CPU) to avoid that:
#   make demo TORCH_INDEX=<address of the CPU index>
PYTHON ?= python3
TORCH_INDEX ?=
BIN := .venv/bin

.PHONY: demo up test check install

install: .venv/installed

.venv/installed: requirements.lock pyproject.toml
	$(PYTHON) -m venv .venv
	$(if $(TORCH_INDEX),$(BIN)/pip install --no-deps --index-url $(TORCH_INDEX) $$(grep '^torch==' requirements.lock))
	$(BIN)/pip install --quiet --no-deps -r requirements.lock
	$(BIN)/pip install --quiet --no-deps --editable .
	touch $@

demo: install
	$(BIN)/jobads demo

up: install
	$(BIN)/jobads up

check: install
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports
	$(BIN)/mypy

test: check
	$(BIN)/pytest
