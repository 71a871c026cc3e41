# make run: a demo shop to look at.   make test: everything that is checked.   make help: the rest.
SHELL := /bin/bash
PYTHON := .venv/bin/python
SOURCES := liveshop streaming commerce realtime tests benchmarks

SECONDS ?= 60
CORES := $(shell nproc 2>/dev/null || getconf _NPROCESSORS_ONLN)
SIDE_BY_SIDE := $(shell echo $$(( $(CORES) * 3 / 2 < 6 ? $(CORES) * 3 / 2 : 6 )))

# Forty servers are started by the tests: each would compile the program anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help run serve test lint scripts unit check format install install-test fuzz abuse chaos

help:
	@grep -E '^# make' Makefile; printf '%s\n' \
	  'make serve    the server without demo' 'make check    settings and connections, a sentence for each fault' \
	  'make lint     ruff, mypy, TypeScript on the JavaScript' 'make format   ruff format' \
  'make fuzz     parsers of the media path, guided by coverage; SECONDS=600 for ten minutes' \
  'make abuse    a million datagrams, a thousand abandoned sessions, a host who comes back 100 times' \
  'make chaos    a flash sale under kills, cut connections and power cuts; SECONDS=600 for ten minutes'

run: install
	@exec $(PYTHON) -m liveshop demo

serve: install
	@exec $(PYTHON) -m liveshop serve

check: install
	@$(PYTHON) -m liveshop check

install:
	@./install.sh run

install-test:
	@./install.sh test

test: install-test lint scripts unit

lint: install-test
	@$(PYTHON) -m ruff check $(SOURCES)
	@$(PYTHON) -m ruff format --check --quiet $(SOURCES)
	@$(PYTHON) -m mypy $(SOURCES)
	@node_modules/.bin/tsc -p static/tsconfig.json

scripts: install-test
	@files=$$(find static tests -name '*.test.js' -not -path '*/vendor/*'); [ -z "$$files" ] || node --import ./tests/static/global_crypto.mjs --test $$files

# What times nothing goes side by side, three to two cores and six at most, pages too: it waits a quarter of its time,
# and more at once would fail on slow machines. What mostly waits, for a show to go on or for a limit of time, goes three
# by three; what times the picture in a browser, which takes a quarter of two cores, goes in pairs. What wants the
# machine for itself gets it. What fails is asked once more, for the sake of busy machines, and stands as RERUN in the
# summary: that is a defect to find, too.
unit: install-test
	@$(PYTHON) -m pytest --reruns 1 -n $(SIDE_BY_SIDE) --dist worksteal -m 'not together and not in_pairs and not alone'
	@$(PYTHON) -m pytest --reruns 1 -n 3 --dist worksteal -m together
	@$(PYTHON) -m pytest --reruns 1 -n 2 --dist worksteal -m in_pairs
	@$(PYTHON) -m pytest --reruns 1 -m alone

format:
	@$(PYTHON) -m ruff format $(SOURCES)

.fuzz/packages: requirements/fuzz.txt
	@rm -rf $@ && $(PYTHON) -m pip install --quiet --disable-pip-version-check --no-input --no-deps \
	  --require-hashes --target $@ -r $<
	@touch $@

fuzz: install-test .fuzz/packages
	@PYTHONPATH=.fuzz/packages $(PYTHON) -m tests.streaming.fuzz.coverage_guided --seconds $(SECONDS)

abuse: install-test
	@$(PYTHON) -m benchmarks.abuse

chaos: install-test
	@$(PYTHON) -m benchmarks.chaos_sale --seconds $(SECONDS)
