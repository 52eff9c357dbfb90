# `make demo` and `make test` need Python 3.11 and make, nothing else.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export PIP_CONSTRAINT := $(CURDIR)/constraints.txt
export PIP_DISABLE_PIP_VERSION_CHECK := 1
LOWEST := .venv-lowest
SBOM := .venv-sbom
# what `make lowest` runs: the path of a user, and where others' libraries are called
SMOKE := tests/repcat/test_cli.py tests/repcat/commands/test_main_path.py \
	tests/repcat/commands/test_report.py tests/repcat/config tests/repcat/figures \
	tests/plugins/backbones tests/plugins/projectors tests/plugins/mappers/test_timm_encoder.py
PLUGINS := $(wildcard plugins/repcat-*/pyproject.toml)

.PHONY: help install demo test long lint format docs faults fuzz mutants coverage sbom lowest clean

help:           ## say what there is
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/make \1	\2/p' $(MAKEFILE_LIST)

install: $(VENV)/.installed  ## repcat in .venv, with the tested versions

$(VENV)/.installed: pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; v = sys.version_info[:2]; sys.exit(v < (3, 11) and f"repcat needs Python 3.11 or newer; this is {v[0]}.{v[1]}: make PYTHON=python3.11")'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet -e .
	touch $@

# One command for repcat and the plugins beside it: their `repcat` is then this checkout.
$(VENV)/.tools: $(VENV)/.installed $(PLUGINS)
	$(BIN)/python -m pip install --quiet -e '.[dev,h5,tensorboard]' $(PLUGINS:%/pyproject.toml=-e ./%)
	touch $@

demo: install   ## train, predict and score the quickstart on phantoms; a few minutes
	$(BIN)/repcat demo
	@echo 'This shell finds repcat after:  . $(VENV)/bin/activate'

test: lint      ## what CI runs: ruff, mypy, floors, pytest
	$(BIN)/python -m pytest -n 2 --dist worksteal -m "not long"

long: $(VENV)/.tools  ## the tests that `make test` leaves out, of half a minute each and more
	$(BIN)/python -m pytest -n 2 --dist loadfile -m long

lint: $(VENV)/.tools
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/codespell

format: $(VENV)/.tools  ## let ruff lay out the code
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

docs: $(VENV)/.tools  ## write the reference from the code, build site/; open site/index.html
	$(BIN)/python docs/reference/generate.py
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict

faults: $(VENV)/.tools  ## kill, fill, damage: every writer and reader; half an hour
	$(BIN)/python -m tests.faults.campaign

fuzz: $(VENV)/.campaigns  ## strange input for every reader, a million times; 45 minutes
	$(BIN)/python tests/fuzz/campaign.py --executions $(or $(EXECUTIONS),1000000)

mutants: $(VENV)/.campaigns  ## change the code a little, see that a test fails; an hour
	$(BIN)/python -m tests.campaigns.mutants

coverage: $(VENV)/.tools  ## branches of the core that the tests run through
	$(BIN)/python -m pytest -n 2 --dist worksteal --cov --cov-report=json:coverage.json
	$(BIN)/python -m tests.campaigns.coverage

$(VENV)/.campaigns: $(VENV)/.tools
	$(BIN)/python -m pip install --quiet -e '.[campaigns]'
	touch $@

sbom: $(VENV)/.tools  ## licences and bill of materials of what repcat needs, into dist/
	mkdir -p dist
	test -x $(SBOM)/bin/cyclonedx-py || $(PYTHON) -m venv $(SBOM)
	$(SBOM)/bin/python -m pip install --quiet cyclonedx-bom
	$(BIN)/python tests/supply/licences.py > dist/licences.md
	$(SBOM)/bin/cyclonedx-py environment --pyproject pyproject.toml --output-reproducible \
	    --output-format JSON --output-file dist/sbom.json $(BIN)/python

lowest: $(VENV)/.tools  ## try the lowest versions that pyproject.toml allows
	$(BIN)/python tests/supply/lowest.py > $(LOWEST).txt
	test -x $(LOWEST)/bin/python || $(PYTHON) -m venv $(LOWEST)
	env -u PIP_CONSTRAINT $(LOWEST)/bin/python -m pip install --quiet -c $(LOWEST).txt -e . pytest hypothesis
	$(LOWEST)/bin/python -m pytest -W default $(SMOKE)

clean:          ## remove the environment and caches, not your runs or data
	rm -rf $(VENV) $(LOWEST) $(LOWEST).txt $(SBOM) .pytest_cache .mypy_cache .ruff_cache .import_linter_cache
