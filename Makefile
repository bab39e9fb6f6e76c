# Deal Scout. A machine needs Python 3.11 or newer with venv, and make; everything else is fetched.
.DEFAULT_GOAL := help
SHELL := /bin/sh
PYTHON ?= python3
VENV := .venv/bin
BOOTSTRAP := $(PYTHON) backend/bootstrap.py
NPM = $(VENV)/python backend/bootstrap.py npm

.PHONY: help install up test test-long lint fmt migrate lock api-client compose-check clean

help: ## list the commands
	@awk 'BEGIN {FS = ":.*## "} /^[a-z%-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

install: ## only the set-up: .venv, Node, web packages, the built pages
	@$(BOOTSTRAP) all

up: ## install what is missing, start everything, Ctrl-C ends it (API_PORT, WEB_PORT, DATA_DIR)
	@$(BOOTSTRAP) all
	@exec $(VENV)/python -m app up --with-pid $$PPID

test: ## all tests with their own stack on free ports (CHROMIUM_PATH)
	@$(BOOTSTRAP) all
	@$(VENV)/python backend/tests/everything.py

test-long: ## the full counts of every proof; goes on where it stopped (FRESH=1 begins again)
	@$(BOOTSTRAP) all
	@$(VENV)/python backend/tests/everything.py --long

lint: ## ruff, mypy, import-linter, biome, tsc, compose file
	@$(BOOTSTRAP) node
	$(VENV)/ruff check .
	$(VENV)/ruff format --check .
	$(VENV)/mypy
	$(VENV)/lint-imports --no-logo
	@$(NPM) run lint
	@$(NPM) run typecheck
	@$(VENV)/python -m pytest -q -p no:cacheprovider backend/tests/stack/test_deployment_files.py

fmt: ## format the code
	@$(BOOTSTRAP) node
	$(VENV)/ruff check --fix-only .
	$(VENV)/ruff format .
	@$(NPM) run format

bench-%: ## a measurement, one JSON object per line (ROWS=)
	@$(BOOTSTRAP) python
	@$(VENV)/python backend/bench/$*.py

migrate: ## bring DATABASE_URL, or the running stack's database, to the newest version
	@$(BOOTSTRAP) python
	@$(VENV)/python -m app migrate

lock: ## rewrite the two requirements locks from pyproject.toml
	@$(BOOTSTRAP) python
	$(VENV)/uv pip compile pyproject.toml --group stack --group dev --universal --generate-hashes --no-header --no-annotate -o requirements.lock
	$(VENV)/uv pip compile pyproject.toml --universal --generate-hashes --no-header --no-annotate -c requirements.lock -o requirements.image.lock

api-client: ## rewrite the web client from the API's own description
	@$(BOOTSTRAP) node
	@$(VENV)/python -m app openapi > frontend/openapi.json.new && mv frontend/openapi.json.new frontend/openapi.json
	@$(NPM) run api-client

clean: ## remove what the commands have made, data included
	@$(PYTHON) backend/bootstrap.py clean
