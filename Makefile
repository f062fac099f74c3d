# Two commands do everything on a machine with python3, pip and make: `make demo` and `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
DEMO := demo
PIP_FLAGS := --disable-pip-version-check --quiet -c constraints.txt
SOURCES := pyproject.toml constraints.txt $(shell find pipeline qc plate_layouts sample_data -type f -not -path '*/__pycache__/*' 2>/dev/null | sed 's/ /\\ /g')

.PHONY: demo test lint types contracts check-wheel bench gallery pictures clean

demo: $(VENV)/installed ## the main job on the shipped sample data
	$(BIN)/titerline demo $(DEMO)

test: $(VENV)/installed-test lint types contracts check-wheel ## lint, types, contracts, wheel, tests
	$(BIN)/python -Im pytest

lint: $(VENV)/installed-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/installed-test
	$(BIN)/mypy
	MYPYPATH=sample_data $(BIN)/mypy sample_data/simulator

contracts: $(VENV)/installed-test
	$(BIN)/lint-imports

check-wheel: $(VENV)/installed-test
	$(BIN)/python tests/check_wheel.py

bench: $(VENV)/installed
	$(BIN)/python benchmarks/speed.py

gallery: $(VENV)/installed ## docs/gallery/index.md with its pictures; says which program it lacks
	$(BIN)/python docs/make_gallery.py

pictures: $(VENV)/installed ## the three pictures of the README
	$(BIN)/python docs/readme_pictures.py

$(VENV)/python:
	$(PYTHON) -m venv $(VENV)
	touch $@

# The project itself is installed as a wheel, as a laboratory gets it; its dependencies only when they changed.
$(VENV)/installed: $(VENV)/python $(SOURCES)
	$(BIN)/pip install $(PIP_FLAGS) .
	$(BIN)/pip install $(PIP_FLAGS) --force-reinstall --no-deps .
	touch $@

$(VENV)/installed-test: $(VENV)/installed
	$(BIN)/pip install $(PIP_FLAGS) ".[test]"
	touch $@

clean:
	rm -rf $(VENV) $(DEMO) build dist
