# make run: a demo shop to look at.   make test: everything that is checked.   make help: the rest.
SHELL := /bin/bash
PYTHON := .venv/bin/python
SOURCES := liveshop streaming commerce realtime tests benchmarks

.PHONY: help run serve test lint scripts unit check format install install-test

help:
	@grep -E '^# make' Makefile; printf '%s\n' \
	  'make serve    the server without demo' 'make check    settings and connections, a sentence for each fault' \
	  'make lint     ruff, mypy, TypeScript on the JavaScript' 'make format   ruff format'

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
	@files=$$(find static tests -name '*.test.js' -not -path '*/vendor/*'); [ -z "$$files" ] || node --test $$files

unit: install-test
	@$(PYTHON) -m pytest

format:
	@$(PYTHON) -m ruff format $(SOURCES)
