# `make` alone lists what there is.
SHELL := /bin/bash
PYTHON ?= $(shell command -v python3.11 || command -v python3.12 || command -v python3.13 || command -v python3)
BIN := .venv/bin
JOBS ?= 2
# Templates and sections name the icons and the classes that the build keeps.
ASSETS := $(shell find app/assets app/templates app/panel app/console views -path '*/node_modules' -prune -o -type f ! -name '*.pyc' -print 2>/dev/null)
CATALOGUE := translations/fa/LC_MESSAGES/messages
export PATH := $(CURDIR)/$(BIN):$(PATH)

.DEFAULT_GOAL := help
.PHONY: help setup run test fresh check scan drills migration messages bench

help: ## Show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

setup: .venv/.app .venv/.assets app/static/dist/manifest.json $(CATALOGUE).mo ## Install everything that the panel needs

run: setup ## Start the panel: web, worker and sandbox
	@exec python run.py serve

test: setup .venv/.dev ## Run every test, on SQLite and on PostgreSQL; TESTS=tests/sales/test_order.py for some
	@python -m tests.support.chromium
	pytest -n $(JOBS) --database sqlite $(TESTS)
	pytest -n $(JOBS) --database postgresql $(TESTS)

fresh: ## Run both commands of the README as on a new machine (needs root); PYTHON="python3.11 python3.13", TESTS=... for some
	@.ci/fresh "$(PYTHON)" "$(TESTS)"

check: setup .venv/.dev ## Lint, types, layers, templates, migrations, translations
	ruff check .
	ruff format --check .
	mypy
	lint-imports
	djlint app/templates --lint --quiet
	python -m tests.support.check_migrations
	python -m tests.support.check_catalogue

bench: setup .venv/.dev ## Measure the panel beside a floor written by hand, on a PostgreSQL of its own; ROWS=1000000 for a large one
	@python bench/run.py $(or $(ROWS),100000)

scan: setup .venv/.dev ## Attack a started panel with sqlmap and wapiti; DATABASE=postgresql for that one
	.ci/packages sqlmap wapiti
	python -m tests.support.scan --database $(or $(DATABASE),sqlite)

drills: setup .venv/.dev ## Kill workers, database and broker and count the messages; ONE=D-04 for one of them
	@python -m tests.drills $(ONE)

migration: setup .venv/.dev ## Write a migration: make migration m="what changes"
	alembic revision --autogenerate -m "$(m)"

messages: setup ## Bring the Persian catalogue up to the sources
	@mkdir -p var
	pybabel -q extract -F babel.cfg -k lazy_gettext -k _l -k counted:1,2 --no-location --sort-output --omit-header -o var/messages.pot .
	@sed '/^$$/q' $(CATALOGUE).po > var/header.po # Babel would put the date in, or leave the plural forms out.
	pybabel -q update -D messages -l fa -d translations -i var/messages.pot --no-fuzzy-matching --omit-header --width 110
	@cat var/header.po $(CATALOGUE).po > var/messages.po && mv var/messages.po $(CATALOGUE).po

.venv/bin/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed")'
	$(PYTHON) -m venv .venv

.venv/.app: requirements/app.lock | .venv/bin/python
	$(BIN)/pip install -q --disable-pip-version-check --require-hashes -r $<
	@touch $@

.venv/.assets: requirements/assets.lock | .venv/bin/python
	$(BIN)/pip install -q --disable-pip-version-check --require-hashes -r $<
	@touch $@

.venv/.dev: requirements/dev.lock | .venv/bin/python
	$(BIN)/pip install -q --disable-pip-version-check --require-hashes -r $<
	@touch $@

app/assets/node_modules/.stamp: app/assets/package-lock.json .venv/.assets
	cd app/assets && npm ci --ignore-scripts
	@touch $@

app/static/dist/manifest.json: $(ASSETS) app/assets/node_modules/.stamp
	cd app/assets && node build.mjs
	@touch $@

$(CATALOGUE).mo: $(CATALOGUE).po .venv/.app
	pybabel -q compile -D messages -d translations
	@touch $@
