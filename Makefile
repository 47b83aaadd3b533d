# The commands of Accord. `make help` lists them.
PYTHON ?= python3
PORT   ?= 8000
VENV   := .venv
PY     := $(VENV)/bin/python
export PYTHONDONTWRITEBYTECODE ?=

.DEFAULT_GOAL := help
.PHONY: help run reset test test-quick check soak bench lock clean browser peers

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

run: $(VENV)/run.ok ## start everything on loopback: service, worker, clock, Redis, mailbox, two pretend record systems (PORT=8000)
	@$(PY) -m plugin.demo --port $(PORT)

reset: ## forget the demo's data
	@rm -rf .data && echo "The demo's data is gone; the next 'make run' starts afresh."

test: $(VENV)/test.ok browser peers ## every test: units, both databases, a real Redis, real record systems, journeys in a real Chromium
	@$(PY) -m pytest -n 2 --dist loadfile -m "not browser"
	@$(PY) -m pytest -m browser

test-quick: $(VENV)/test.ok ## the tests that need no browser and no PostgreSQL, in under a minute
	@$(PY) -m pytest -q -n 2 --dist worksteal -m "not browser and not slow"

check: $(VENV)/test.ok ## ruff and mypy
	@$(PY) -m ruff check . && $(PY) -m ruff format --check . && $(PY) -m mypy

soak: $(VENV)/test.ok ## kill workers with -9 at 200 random moments while they write, on both databases; about ten minutes
	@ACCORD_TEST_KILLS=200 $(PY) -m pytest -q --timeout=7200 tests/plugin/test_deliveries.py -k killed

bench: $(VENV)/test.ok ## measure; prints a table and writes .data/bench.json
	@$(PY) -m tests.bench

lock: ## make requirements.lock anew from pyproject.toml (needs uv)
	@.ci/lock

clean: ## remove the environment and the demo's data
	@rm -rf $(VENV) .data

browser: $(VENV)/test.ok
	@.ci/browser

peers: $(VENV)/test.ok
	@PYTHON=$(PYTHON) .ci/peers

# The environment: pinned, hashed. What runs is above the line of dashes in the lock; tests and checks need all of it.
$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Accord needs Python 3.11 or newer; set PYTHON=python3.12, say.")'
	@$(PYTHON) -m venv $(VENV)

$(VENV)/run.ok: requirements.lock | $(VENV)/bin/python
	@echo "Setting up (once) ..."
	@sed '/^# ----/,$$d' requirements.lock > $(VENV)/run.txt
	@$(PY) -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r $(VENV)/run.txt
	@touch $@

$(VENV)/test.ok: requirements.lock | $(VENV)/bin/python
	@echo "Setting up for tests (once) ..."
	@$(PY) -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements.lock
	@touch $@ $(VENV)/run.ok
