# The commands that people and CI share; `make` alone lists them. Nothing has to be installed or activated before:
# what is needed comes into .venv, from the locked lists and checked against their hashes.
.DEFAULT_GOAL := help
.PHONY: help run install install-dev test test-browser test-postgres lint format html-check production-check \
	relevance relevance-check bench lock clean

PORT ?= 8000
# More for pytest, for instance: make test ARGS="-k spectrum"
ARGS ?=
# Databases of tests are made and dropped beside the one named here; the cache, and the three after it, are emptied.
TEST_DATABASE_URL ?= postgres://postgres@127.0.0.1:5432/reg4covid
TEST_CACHE_URL ?= redis://127.0.0.1:6379/9
IN_VENV := .venv/bin/python
# Tests and checks mean the same whatever the shell or .env says.
LOCAL := DEBUG=true DATABASE_URL=sqlite://:memory: CACHE_URL=locmemcache:// INDEX_DIR=
PYTEST := $(IN_VENV) -m pytest
# In the order of the files, so that tests of one catalogue come after each other (tests/fixtures.py).
PARALLEL := -n auto --maxprocesses 4 --dist worksteal

help: ## list these commands
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' Makefile | expand -t 20

run: .venv/installed ## start the portal with its data at http://127.0.0.1:8000/ (PORT=8123 for another port)
	@sh tools/run.sh "$(PORT)"

test: .venv/installed-dev ## run the tests but those in a browser, on SQLite (ARGS="-k spectrum" for some)
	$(LOCAL) $(PYTEST) $(PARALLEL) -m "not browser" $(ARGS)

test-postgres: .venv/installed-dev ## run those that an engine matters to on PostgreSQL and Redis (TEST_DATABASE_URL, TEST_CACHE_URL)
	DEBUG=true DATABASE_URL=$(TEST_DATABASE_URL) CACHE_URL=$(TEST_CACHE_URL) INDEX_DIR= $(PYTEST) $(PARALLEL) -m "not browser and not any_engine" $(ARGS)

# One at a time: each test has a server, a browser and the machine to itself.
test-browser: .venv/installed-dev ## run the tests that walk the portal in Chromium
	$(LOCAL) $(PYTEST) -m browser $(ARGS)

lint: .venv/installed-dev ## check the code, the templates, the project and its migrations
	$(IN_VENV) -m ruff check .
	$(IN_VENV) -m ruff format --check .
	find . -name '*.html' -path '*templates/*' -not -path './templates/website/*' -not -path './.venv/*' -print0 | xargs -0 -r .venv/bin/djade --check
	$(LOCAL) $(IN_VENV) manage.py check --fail-level WARNING
	$(LOCAL) $(IN_VENV) manage.py makemigrations --check --dry-run

format: .venv/installed-dev ## put code and templates into the shape that lint asks for
	$(IN_VENV) -m ruff check --fix .
	$(IN_VENV) -m ruff format .
	find . -name '*.html' -path '*templates/*' -not -path './templates/website/*' -not -path './.venv/*' -print0 | xargs -0 -r .venv/bin/djade

html-check: .venv/installed ## check the HTML of every kind of page (needs Java, and npm for the first time)
	$(IN_VENV) -m tools.html_check

# ARGS=--html does html-check on the way, without a start of its own.
production-check: .venv/installed ## start the portal as in production and look at it, on SQLite and PostgreSQL
	$(IN_VENV) -m tools.production_check --database-url $(TEST_DATABASE_URL) --cache-url $(TEST_CACHE_URL) $(ARGS)

# ARGS="--verbose" says what failed; ARGS="--held-out" measures the third of the queries that tuning does not look at;
# ARGS="--queries FILE" takes other judged queries.
relevance: .venv/installed ## measure what the search puts first, on SQLite and PostgreSQL (TEST_DATABASE_URL)
	@$(LOCAL) $(IN_VENV) -m bench.relevance --new-databases $(TEST_DATABASE_URL) $(ARGS)

relevance-check: .venv/installed ## fail if the search puts worse records first than the floor allows, on either engine
	@$(LOCAL) $(IN_VENV) -m bench.relevance --floor --new-databases $(TEST_DATABASE_URL) $(ARGS)

# A quarter of an hour, best on a machine with nothing else to do. ARGS="--sizes 10000 100000 1000000" for the curve
# (an hour); ARGS="--keep DIR" keeps the generated catalogues for the next time. docs/performance.md has the figures and
# the rest.
bench: .venv/installed-bench ## measure the speed beside Datasette's and a bare view's, on SQLite and PostgreSQL
	@$(IN_VENV) -m bench.load --postgres-url $(TEST_DATABASE_URL) --write docs/performance.md $(ARGS)

# Pins that are there stay; `make lock UPGRADE=--upgrade` takes the newest releases.
COMPILE := $(IN_VENV) -m uv pip compile --quiet --universal --python-version 3.12 --generate-hashes \
	--no-emit-index-url --no-header $(UPGRADE)
lock: .venv/installed-dev ## write the locked lists anew after a change of pyproject.toml
	$(COMPILE) pyproject.toml --output-file requirements.txt
	$(COMPILE) --group pyproject.toml:dev --constraint requirements.txt --output-file requirements-dev.txt
	$(COMPILE) --group pyproject.toml:bench --constraint requirements.txt --output-file requirements-bench.txt

install: .venv/installed ## install what the portal needs into .venv
install-dev: .venv/installed-dev ## ... and what its tests and checks need

# Done only when the lists have changed since, or the Python of .venv has gone.
.venv/bin/python:
	@PYTHON="$(PYTHON)" sh tools/venv.sh

.venv/installed: requirements.txt .venv/bin/python
	@PYTHON="$(PYTHON)" sh tools/venv.sh requirements.txt
	@touch $@

.venv/installed-dev: requirements.txt requirements-dev.txt .venv/bin/python
	@PYTHON="$(PYTHON)" sh tools/venv.sh requirements.txt requirements-dev.txt
	@touch .venv/installed $@

.venv/installed-bench: requirements.txt requirements-bench.txt .venv/bin/python
	@PYTHON="$(PYTHON)" sh tools/venv.sh requirements.txt requirements-bench.txt
	@touch .venv/installed $@

clean: ## remove what was installed or built; the database stays
	rm -rf .venv index staticfiles .pytest_cache .ruff_cache .hypothesis test-results
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
