# Two commands do everything on a machine with python3, pip and make: `make demo` and `make test`.
# In between, `make check` tells within a minute whether what was changed still holds.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
DEMO := demo
# Not compiled here: Python compiles what it imports, which is a part of all that is installed.
PIP_FLAGS := --disable-pip-version-check --quiet --no-compile -c constraints.txt
PYTEST := -Im pytest -n auto --dist loadfile
SOURCES := pyproject.toml constraints.txt $(shell find pipeline qc plate_layouts sample_data -type f -not -path '*/__pycache__/*' 2>/dev/null | sed 's/ /\\ /g')

.PHONY: demo test check lint types contracts check-wheel bench gallery pictures clean

demo: $(VENV)/installed ## the main job on the shipped sample data
	$(BIN)/titerline demo $(DEMO)

test: $(VENV)/installed-test lint types contracts check-wheel ## lint, types, contracts, wheel, tests; TEST_SIZE=full for all of them
	$(BIN)/python $(PYTEST)

check: $(VENV)/tools lint types contracts ## lint, types, contracts, unit tests of what was changed since main
	$(BIN)/python tests/tools/changed.py | xargs -r $(BIN)/python -m pytest -n auto --dist worksteal

lint: $(VENV)/tools
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/tools
	$(BIN)/mypy
	MYPYPATH=sample_data $(BIN)/mypy sample_data/simulator

contracts: $(VENV)/tools
	$(BIN)/lint-imports

check-wheel: $(VENV)/tools
	$(BIN)/python tests/check_wheel.py

bench: $(VENV)/installed ## processor time of each step; BASELINE=CHECKOUT measures that one in turn
	$(BIN)/python benchmarks/speed.py $(if $(BASELINE),--baseline $(BASELINE))

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
	touch $@

$(VENV)/tools: $(VENV)/python pyproject.toml constraints.txt
	$(BIN)/pip install $(PIP_FLAGS) ".[test]"
	touch $@

$(VENV)/installed-test: $(VENV)/tools $(SOURCES)
	$(BIN)/pip install $(PIP_FLAGS) --no-deps .
	touch $@

clean:
	rm -rf $(VENV) $(DEMO) build dist
