# make demo   run the main job on the bundled sample
# make up     Dagster, JupyterLab and the sandbox network together
# make test   format, lint, layers, types, tests
# make quick  the same with the tests alone that start nothing: an answer in some minutes
#
# torch comes first and with what it needs itself: a CPU build needs nothing more, PyPI's build for
# Linux several GB of CUDA. Name an index of CPU builds (pytorch.org, "Get started", compute platform
# CPU) to avoid that:
#   make demo TORCH_INDEX=<address of the CPU index>
# PYTHON names an interpreter; without it the first of TESTED that runs here is taken.
TESTED := python3.13 python3.12 python3.11 python3.14
PYTHON ?= $(firstword $(foreach p,$(TESTED),$(shell $(p) -c '' 2>/dev/null && echo $(p))) python3)
TORCH_INDEX ?=
BIN := .venv/bin

.PHONY: demo up test quick check install

install: .venv/installed

.venv/installed: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 14))' || \
	  { echo "$(PYTHON) is no Python 3.11 to 3.14; name one: make install PYTHON=python3.13" >&2; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet $(if $(TORCH_INDEX),--no-deps --index-url $(TORCH_INDEX),--constraint requirements.lock) \
	  $$(grep '^torch==' requirements.lock)
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

quick: check
	$(BIN)/pytest -n auto --maxprocesses 4 tests/docs tests/domain tests/publishing tests/primitives tests/intake tests/redaction

# Side by side, a folder of tests to a process: what its tests share (a demo, three networks) is made
# once. In the folders' order: the long ones come first in the alphabet.
test: check
	$(BIN)/pytest -n auto --maxprocesses 4 --dist loadscope --no-loadscope-reorder
