# Everything a person types. `make` alone explains.
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory --no-builtin-rules
SHELL := /bin/sh
BIN := .venv/bin
.PHONY: help run test lint types imports tests bench shell reset format migration lock environment environment-dev vendor python

help: ## this list
	@printf 'aap : appels à projets des agences régionales de santé\n\n'
	@sed -n 's/^\([a-z-]*\):[^#]*## \(.*\)/  make \1|\2/p' $(MAKEFILE_LIST) | awk -F'|' '{printf "%-16s %s\n", $$1, $$2}'
	@printf '\n  AAP_PORT (8000), AAP_DATA (var), DATABASE_URL, REDIS_URL, AAP_STATE_BRANDING=1 : voir README.md\n'

run: python ## build what is missing, load the demonstration, start everything on http://127.0.0.1:8000
	@$$(tools/python.sh) -m tools.run --check
	@$(MAKE) -j2 environment vendor
	@$(BIN)/python -m tools.run

test: python ## lint, types, import contracts, the whole suite (PostgreSQL, SQLite, Valkey, Chromium)
	@$(MAKE) -j2 environment-dev vendor
	@$(MAKE) lint
	@$(MAKE) types
	@$(MAKE) imports
	@$(MAKE) tests

lint: environment-dev ## ruff: rules and formatting
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

types: environment-dev ## mypy --strict
	@$(BIN)/mypy

imports: environment-dev ## import-linter: each floor knows only what stands below it
	@$(BIN)/lint-imports --no-logo

tests: environment-dev vendor ## the tests alone; make tests ARGS="tests/unit -k budget"
	@$(BIN)/python -m pytest -n 2 --dist worksteal $(ARGS)

bench: environment-dev vendor ## CPU per request, against the reference page, on PostgreSQL
	@$(BIN)/python -m bench $(ARGS)

shell: environment ## a Python shell inside the trial's application
	@$(BIN)/python -m tools.run --shell

reset: python ## erase the trial's data (var/), after checking that nothing runs on it
	@$$(tools/python.sh) -m tools.run --reset

format: environment-dev ## ruff: repair and format what can be
	@$(BIN)/ruff check --fix --quiet . || true
	@$(BIN)/ruff format .

migration: environment-dev ## write the revision that brings the tables to the models; make migration MESSAGE="…"
	@$(BIN)/python -m tools.migration "$(MESSAGE)"

lock: environment ## resolve requirements/*.in and package.json again, with hashes and without any host
	@for name in runtime dev uv node; do (cd requirements && ../$(BIN)/uv pip compile --quiet --upgrade \
		--generate-hashes --universal --python-version 3.11 --no-emit-index-url --custom-compile-command 'make lock' \
		$$name.in --output-file $$name.txt) || exit 1; done
	@npm install --package-lock-only --no-audit --no-fund

# -------------------------------------------------------------------------- what the rest stands on; each is immediate
python:
	@tools/python.sh >/dev/null

environment:
	@$$(tools/python.sh) -m tools.environment runtime

environment-dev:
	@$$(tools/python.sh) -m tools.environment dev

vendor:
	@$$(tools/python.sh) -m tools.vendor
