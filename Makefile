# `make` without a target lists the targets.
SHELL := /bin/bash
PYTHON ?= $(shell command -v python3.11 || command -v python3.12 || command -v python3.13 || command -v python3)
BIN := .venv/bin
JOBS ?= 2
# Templates and sections name the icons and CSS classes that the build includes.
ASSETS := $(shell find app/assets app/templates app/panel app/console views -path '*/node_modules' -prune -o -type f ! -name '*.pyc' -print 2>/dev/null)
CATALOGUE := translations/fa/LC_MESSAGES/messages
export PATH := $(CURDIR)/$(BIN):$(PATH)

.DEFAULT_GOAL := help
.PHONY: help setup pdf run test quick fresh check scan drills mutants fuzz migration messages bench shots

help: ## Show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

setup: .venv/.app .venv/.assets app/static/dist/manifest.json $(CATALOGUE).mo ## Install all dependencies, build front end and catalogue

pdf: .venv/.pdf ## Install WeasyPrint, which makes PDF files of invoices and pro-formas

run: setup ## Start the panel: web, worker and sandbox
	@exec python run.py serve

# The second run reads the compiled tests of the first, also where the environment forbids to write them.
test: export PYTHONDONTWRITEBYTECODE :=
test: setup .venv/.dev ## Run all tests, on SQLite and on PostgreSQL; TESTS=tests/sales/test_order.py selects
	@python -m tests.support.chromium
	pytest -n $(JOBS) --database sqlite $(TESTS)
	pytest -n $(JOBS) --database postgresql $(TESTS)

quick: setup .venv/.dev ## Lint, types, import order, tests without a database and one browser test
	ruff check .
	ruff format --check .
	mypy
	lint-imports
	@python -m tests.support.chromium
	pytest -n $(JOBS) --quick

fresh: ## Run `make run` and `make test` as on a new machine (needs root); PYTHON="python3.11 python3.13", TESTS=...
	@.ci/fresh "$(PYTHON)" "$(TESTS)"

check: setup .venv/.dev ## Lint, types, layers, templates, migrations, translations
	ruff check .
	ruff format --check .
	mypy
	lint-imports
	djlint app/templates --lint --quiet
	python -m tests.support.check_migrations
	python -m tests.support.check_catalogue

shots: setup .venv/.dev ## Take pictures of all pages into var/shots; ONLY=customers selects
	@python -m tests.support.chromium
	@python -m tests.support.shots $(ONLY)

bench: setup .venv/.dev ## Measure the panel against a hand-written baseline, on a PostgreSQL of its own; ROWS=1000000 for the large table
	@python bench/run.py $(or $(ROWS),100000)

scan: setup .venv/.dev ## Scan a running panel with sqlmap and wapiti; DATABASE=postgresql selects the database
	.ci/packages sqlmap wapiti
	python -m tests.support.scan --database $(or $(DATABASE),sqlite)

drills: setup .venv/.dev ## Kill workers, database and broker while messages are sent; ONE=D-04 runs one drill
	@python -m tests.drills $(ONE)

mutants: setup .venv/.dev ## Change the code in a copy and see which changes no test notices; SEED=1 COUNT=300 ONLY=app/services/sms
	@SEED=$(or $(SEED),1) COUNT=$(or $(COUNT),300) ONLY="$(ONLY)" python -m tests.mutants

fuzz: setup .venv/.dev ## Give odd inputs to the parsers: make fuzz MINUTES=10; ONE=mobile runs one target
	@python -m tests.fuzz $(or $(MINUTES),10) $(ONE)

migration: setup .venv/.dev ## Generate a migration: make migration m="subject"
	alembic revision --autogenerate -m "$(m)"

messages: setup ## Update the Persian catalogue from the sources
	@mkdir -p var
	pybabel -q extract -F babel.cfg -k lazy_gettext -k _l -k counted:1,2 --no-location --sort-output --omit-header -o var/messages.pot .
	@sed '/^$$/q' $(CATALOGUE).po > var/header.po # Babel writes a date into the header, or omits the plural forms.
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

.venv/.pdf: requirements/pdf.lock .venv/.app
	$(BIN)/pip install -q --disable-pip-version-check --require-hashes -r $<
	@touch $@

.venv/.dev: requirements/dev.lock .venv/.pdf | .venv/bin/python
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
