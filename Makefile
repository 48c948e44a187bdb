# Everything a fresh machine needs is Python 3.11+, make and git; the rest is installed here, into .venv.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
# The pip bundled with Python 3.11.7 (23.2.1) fails on some sets of extras.
PIP_FLOOR := pip>=25
ARGS ?=

.PHONY: help install demo test test-slow test-browser test-pywb check lock bench-crawl bench-archive bench-cleaning bench-pages bench-publish \
  screenshots clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 18

install: $(STAMP) ## create the environment in .venv

$(STAMP): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("tintinh needs Python 3.11 or newer; name one: make PYTHON=python3.12" if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv --clear $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check '$(PIP_FLOOR)'
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements.lock
	PYTHONWARNINGS=ignore $(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

demo: install ## run the whole job on the sample portals, then serve it (ARGS=--no-serve ends by itself)
	$(BIN)/tintinh demo $(ARGS)

test: install ## the quick tests
	$(BIN)/python -m pytest -n auto -m 'not slow and not browser' $(ARGS)

test-slow: install ## the slow proofs: a hundred killed crawls and the like
	$(BIN)/python -m pytest -n auto -m 'slow and not browser' $(ARGS)

test-browser: install ## the site in a real Chromium, axe on every page, and the Nu HTML checker where java and npm are
	command -v chromium >/dev/null || { apt-get update --quiet && apt-get install --yes --quiet chromium; }
	test -x build/browser/bin/pytest || { $(PYTHON) -m venv build/browser && build/browser/bin/pip install --quiet --require-hashes -r requirements-browser.lock; }
	test -e build/vnu || ! { command -v java && command -v npm; } >/dev/null || npm install --silent --no-fund --prefix build/vnu vnu-jar@26.9.27
	build/browser/bin/python -m pytest tests/browser $(ARGS)

screenshots: install ## docs/screenshots for the README, from the demo (needs make test-browser once)
	$(BIN)/tintinh demo --no-serve
	build/browser/bin/python -m tests.browser.screenshots data/demo/releases docs/screenshots

test-pywb: install ## export, replay and backfill against the real pywb, in an environment of its own
	test -x build/pywb/bin/wayback || { $(PYTHON) -m venv build/pywb && build/pywb/bin/pip install --quiet pywb; }
	TINTINH_PYWB=$(CURDIR)/build/pywb/bin $(BIN)/python -m pytest -m slow tests/test_backfill.py tests/test_pywb.py

check: install ## ruff and mypy
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench-crawl: install ## fetch, clean and store against bare Scrapy on the same pages, CPU per page (ARGS="--articles 500")
	$(BIN)/python -m tests.bench_crawl $(ARGS)

bench-cleaning: install ## our cleaning beside five general extractors, in one run
	PYTHONWARNINGS=ignore $(BIN)/python -m pip install --quiet --no-build-isolation --editable '.[bench]'
	$(BIN)/python -m tests.bench_cleaning $(ARGS)

bench-archive: install ## raw pages against WARC.gz, size and time in one run (ARGS=recording.warc.gz)
	$(BIN)/python -m tests.bench_archive $(ARGS)

bench-publish: install ## publishing, pages under load, and 300 hostile requests (ARGS="--articles 20000" is quicker)
	$(BIN)/python -m tests.bench_publish $(ARGS)

bench-pages: install ## our pages against a bare Datasette row page, 8 connections on one core (needs wrk)
	$(BIN)/python -m tests.bench_pages $(ARGS)

lock: install ## pin every dependency anew, with hashes and without a host
	$(BIN)/uv pip compile pyproject.toml --quiet --universal --python-version 3.11 --extra dev --extra parquet \
	  --generate-hashes --no-emit-index-url --no-emit-find-links --no-header --no-annotate --upgrade \
	  --output-file requirements.lock
	$(BIN)/uv pip compile pyproject.toml --quiet --universal --python-version 3.11 --extra dev --extra parquet \
	  --extra browser --constraint requirements.lock --generate-hashes --no-emit-index-url --no-emit-find-links \
	  --no-header --no-annotate --upgrade --output-file requirements-browser.lock

clean: ## remove the environment and what the demo left
	rm -rf $(VENV) build *.egg-info data/demo
