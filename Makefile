# What a checkout can do, each in one command. Nothing but Python 3.11 to 3.13 and make is needed beforehand:
# the virtual environment and what goes into it are made on first use and again when pyproject.toml changes.
#
#   make demo                 simulate a day in Manhattan and open its map     make demo ARGS=--once   writes demo/ and ends
#   make test                 run the tests                                    make test ARGS='-k routing'
#   make lint                 ruff, format, mypy
#   make bench                measure routing and simulation beside peers      make bench ARGS=--quick
#   make study                forecasts, ED load, policies, travel (need data) make study STUDY=forecast ARGS=speed
#   make clean                remove caches and build products
#   make distclean            remove the virtual environment as well
#
# PYTHON=/path/to/python chooses the interpreter, ARGS is handed on to the command.

VENV ?= .venv
ARGS ?=
PYTHON ?=

BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --disable-pip-version-check --no-input

# One stamp a set of packages: .installed-run, -test, -dev and -bench.
REQUIREMENT_run := .
REQUIREMENT_test := .[test]
REQUIREMENT_dev := .[dev]
REQUIREMENT_bench := .[bench]

.PHONY: demo test lint bench study clean distclean help

help:
	@sed -n '1,/^$$/s/^# \{0,1\}//p' $(firstword $(MAKEFILE_LIST))

demo: $(VENV)/.installed-run
	$(BIN)/ems-twin demo $(ARGS)

test: $(VENV)/.installed-test
	$(BIN)/python -m pytest $(ARGS)

lint: $(VENV)/.installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: $(VENV)/.installed-bench
	$(BIN)/ems-twin bench $(ARGS)

STUDY ?= forecast ed_load policies travel marathon

# Each study says so where the raw data in ../shared/data are absent.
study: $(VENV)/.installed-bench
	for study in $(STUDY); do $(BIN)/python experiments/$$study/study.py $(ARGS) || exit 1; done

# A stamp is older than pyproject.toml when the dependencies have changed: pip then adds what is missing. Byte code is
# left to the first import: compiling all of it at once would double the time of the installation.
$(VENV)/.installed-%: pyproject.toml $(VENV)/.made
	@echo "== installing ems-twin with its packages ($*) into $(VENV); the first time this downloads a few hundred MB"
	$(PIP) --no-compile --editable '$(REQUIREMENT_$*)'
	@touch $@

# The first interpreter that starts and is of a supported version. A pyenv shim without a version chosen is on the
# PATH but does not start, so each candidate is run, not only looked up.
$(VENV)/.made:
	@found=; \
	for candidate in $(or $(PYTHON),python3 python3.13 python3.12 python3.11 python); do \
	  if $$candidate -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' >/dev/null 2>&1; then \
	    found=$$candidate; break; \
	  fi; \
	done; \
	if [ -z "$$found" ]; then \
	  echo "ems_twin needs Python 3.11, 3.12 or 3.13; found: $$($(or $(PYTHON),python3) --version 2>&1 | head -n 1)." >&2; \
	  echo "Install one of them, or name it: make $(or $(MAKECMDGOALS),demo) PYTHON=/path/to/python3.12" >&2; \
	  exit 1; \
	fi; \
	echo "== making $(VENV) with $$found ($$($$found --version 2>&1))"; \
	$$found -m venv $(VENV) || { \
	  rm -rf $(VENV); \
	  echo "Python could not make a virtual environment. On Debian and Ubuntu: apt-get install python3-venv" >&2; \
	  exit 1; \
	}
	@touch $@

clean:
	rm -rf build dist demo .pytest_cache .mypy_cache .ruff_cache .hypothesis *.egg-info
	rm -f maps/*/labels-*.npz
	find ems_twin tests -name __pycache__ -type d -prune -exec rm -rf {} +

distclean: clean
	rm -rf $(VENV)
