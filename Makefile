.PHONY: demo test lint bench clean
PYTHON ?= python3
BIN := .venv/bin

demo: .venv/ready
	$(BIN)/python examples/build.py time_tracking build/demo
	$(BIN)/pgassay check build/demo || test $$? -eq 1

test: .venv/ready
	$(BIN)/pytest

lint: .venv/ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: .venv/ready
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[bench]'
	$(BIN)/python -m benchmarks.run

.venv/ready: pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[dev]'
	touch $@

clean:
	rm -rf .venv build dist
