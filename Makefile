# make run | test | check | bench | fuzz | torture: each builds .venv first, from constraints.txt, and only when it must.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
LINK := build/link/reelroom
BENCH := build/bench-venv
FUZZ := build/fuzz-venv
FUZZ_SECONDS ?= 60
PIP := $(BIN)/python -m pip --disable-pip-version-check -qq
PACKAGES := fal store tui

PROMPT := a red fox crosses a frozen lake
MODELS := fal-ai/kling-video/v2.5-turbo/pro/text-to-video fal-ai/minimax/hailuo-2.3/pro/text-to-video

.DEFAULT_GOAL := help
.PHONY: help run test check style types layers bench fuzz torture clean always

help:
	@echo "make run    open Reelroom"
	@echo "make test   run the tests"
	@echo "make check  style, types and layers"
	@echo "make bench  measure"
	@echo "make fuzz   try to break each reader for $(FUZZ_SECONDS) seconds (FUZZ_SECONDS=…, READERS='events media')"
	@echo "make torture the long proof that nothing paid is lost (MINUTES=5 for each part, PARTS='cuts calls')"
	@echo "make clean  remove what was built"

# Scripts in a virtual environment name its absolute path: one that was copied or moved here is built anew.
ifneq ($(shell test -x $(BIN)/python && cat $(READY) 2>/dev/null),$(CURDIR))
$(READY): always
endif

NEW_ENOUGH = $(filter True,$(shell $(PYTHON) -c 'import sys; print(sys.version_info >= (3, 11))' 2>/dev/null))

$(READY): pyproject.toml constraints.txt | $(LINK)
	$(if $(NEW_ENOUGH),,$(error Reelroom needs Python 3.11 or newer, and $(PYTHON) is \
	  $(or $(shell $(PYTHON) -V 2>&1),missing); name another: make PYTHON=python3.12))
	@echo "Building $(VENV); the first time takes a minute or two." >&2
	@test "$$(cat $@ 2>/dev/null)" = "$(CURDIR)" && test -x $(BIN)/python || $(PYTHON) -m venv --clear $(VENV)
	@$(PIP) install -c constraints.txt setuptools
	@$(PIP) install -c constraints.txt --no-build-isolation -e '.[dev]'
	@$(BIN)/python -c 'import os, sysconfig; print(os.path.abspath("build/link"), \
	  file=open(sysconfig.get_path("purelib") + "/reelroom-link.pth", "w"))'
	@echo "$(CURDIR)" >$@

# Type checkers and import-linter cannot follow an editable install; these links they can.
$(LINK):
	@mkdir -p $@
	@for folder in $(PACKAGES); do ln -sfn ../../../$$folder $@/$$folder; done

always:

# Without a terminal there is no screen to open: two practice clips, and their paths on stdout.
run: $(READY)
	@if [ -t 0 ] && [ -t 1 ]; then $(BIN)/reelroom; else $(BIN)/reelroom generate "$(PROMPT)" $(MODELS:%=-m %); fi

# A file at a time on each core: the tests of one file share what they start.
test: $(READY)
	@$(BIN)/python -m pytest -n auto --dist loadfile

check: style types layers

style: $(READY)
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

types: $(READY) $(LINK)
	@$(BIN)/mypy $(LINK)

layers: $(READY) $(LINK)
	@PYTHONPATH=build/link $(BIN)/lint-imports --no-cache --no-logo

bench: $(BENCH)/.ready
	@$(BENCH)/bin/python -m tests.bench

fuzz: $(FUZZ)/.ready
	@$(FUZZ)/bin/python -m tests.fuzz $(FUZZ_SECONDS) $(READERS)

torture: $(READY)
	@$(BIN)/python -m tests.faults $(PARTS:%=--part %) $(MINUTES:%=--minutes %)

# Both run what a person installs: the wheel, with the run-time packages and nothing else; atheris to fuzz.
$(FUZZ)/.ready: EXTRA := [fuzz]

build/%-venv/.ready: $(READY) $(shell find $(PACKAGES) -type f ! -path '*/__pycache__/*' 2>/dev/null)
	@rm -rf build/lib build/bdist.* build/wheel
	@$(PIP) wheel --no-deps --no-build-isolation --wheel-dir build/wheel .
	@test $@ -nt $(READY) || $(PYTHON) -m venv --clear --without-pip $(@D)
	@$(PIP) --python $(@D)/bin/python install -c constraints.txt --no-deps --force-reinstall build/wheel/*.whl
	@$(PIP) --python $(@D)/bin/python install -c constraints.txt "$$(echo build/wheel/*.whl)$(EXTRA)"
	@touch $@

clean:
	@rm -rf $(VENV) build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis
