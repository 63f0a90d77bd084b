# Everything is set up in .venv, from the pinned and hashed requirements.lock.

PYTHON ?= python3
BIN := .venv/bin
READY := .venv/ready

.PHONY: help demo test test-all soak bench bench-backfill lint lock clean

help:
	@echo 'make demo      set up .venv, then three weekly runs on a replica site, into demo-archive/'
	@echo 'make test      ruff, mypy, import-linter and the tests that need nothing else; minutes'
	@echo 'make test-all  the slow tests too, with what optional components are installed'
	@echo 'make soak      the tests that take hours'
	@echo 'make bench     reading speed against other libraries; minutes'
	@echo 'make bench-backfill  loading speed; PEER=an interpreter with Scrapy compares; minutes'
	@echo 'make lock      choose versions anew from pyproject.toml into requirements.lock'

# uv itself comes out of the lock, by pip, with its hash. What it installs is compiled at once: where
# Python may not write bytecode, each command would compile its libraries anew, for half its time.
$(READY): requirements.lock pyproject.toml
	$(PYTHON) -m venv --clear .venv
	awk '/^[a-z]/ { ours = /^uv==/ } ours' requirements.lock > .venv/uv.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r .venv/uv.lock
	$(BIN)/uv pip install --quiet --compile-bytecode --python $(BIN)/python --require-hashes -r requirements.lock
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation -e .
	touch $@

demo: $(READY)
	$(BIN)/recordkeep demo --dir demo-archive

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

test: lint
	$(BIN)/pytest -n 2

test-all: lint
	$(BIN)/pytest -n 2 -m 'not soak and not live'

soak: $(READY)
	$(BIN)/pytest -m soak

# The peers are installed beside, not into, .venv: they are measured, never used.
bench: $(READY)
	$(BIN)/python -m tests.bench $(if $(PEERS),--peers $(PEERS))

bench-backfill: $(READY)
	$(BIN)/python -m tests.bench.backfill $(if $(PEER),--peer $(PEER))

lock:
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
		--no-emit-index-url --no-header pyproject.toml --group dev -o requirements.lock

clean:
	rm -rf .venv demo-archive
