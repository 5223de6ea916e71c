# Every command sets up what it needs, in .venv, once: Python 3.10 to 3.13, make and a C++ compiler
# are all that a machine must have. Only `make parity` and the benches, which run other libraries at
# pinned versions, need Python 3.11 itself. `make help` lists the commands.

VENV := .venv
BIN := $(VENV)/bin
PY := $(BIN)/python
PIP := $(PY) -m pip --disable-pip-version-check -qq
JOBS ?= 2

# The first Python that TensorFlow has a wheel for. Name another one with `make PYTHON=... test`.
IS_SUITABLE := import ensurepip, sys; sys.exit(not (3, 10) <= sys.version_info[:2] <= (3, 13))
PYTHON ?= $(shell for python in python3 python3.13 python3.12 python3.11 python3.10; do \
	$$python -c '$(IS_SUITABLE)' 2>/dev/null && { echo $$python; break; }; done)

export KERAS_BACKEND ?= tensorflow
export MPLBACKEND ?= Agg
export TF_CPP_MIN_LOG_LEVEL ?= 3

# Commands that are one script each. A command appears as soon as its script does.
teeth_script          := tests/teeth/run.py    ## break the code on purpose: a test must notice
docs_script           := docs/build.py         ## build the documentation
parity_script         := bench/parity.py       ## compare every preset with its original
bench_script          := bench/run.py          ## time and error beside other libraries
bench-gpu_script      := bench/gpu.py          ## the same on a GPU
bench-data_script     := bench/data.py         ## time of input pipelines
bench-extract_script  := bench/extract.py      ## time of extraction to disk
bench-models_script   := bench/models.py       ## accuracy and time of the models
sanitize_script       := tests/native/sanitize.py  ## the native kernel under sanitizers
versions_script       := tests/native/versions.py  ## one wheel with several Pythons and TensorFlows
SCRIPTS := $(foreach name,teeth docs parity bench bench-gpu bench-data bench-extract bench-models \
	sanitize versions,$(if $(wildcard $($(name)_script)),$(name)))

CLIPS := $(wildcard examples/*.wav examples/*.flac examples/*.mp3)

.DEFAULT_GOAL := help
.PHONY: help setup demo test test-backends accept format format-check lint types rules check clean \
	$(SCRIPTS)

help:  ## list the commands
	@echo "make COMMAND, where COMMAND is one of"
	@sed -nE 's/^([a-z-]+):.*  ## (.*)/  \1\t\2/p' Makefile | expand -t 18
	@for name in $(SCRIPTS); do \
		sed -nE "s/^($$name)_script +:=.*  ## (.*)/  \1\t\2/p" Makefile; done | expand -t 18

# --- the environment

INSTALLED := $(VENV)/installed.stamp
BACKENDS := $(VENV)/backends.stamp
NATIVE := $(wildcard src/sonogram/native/cpp/*/*.cpp src/sonogram/native/cpp/*/*.h)

setup: $(INSTALLED)  ## make .venv and install everything into it

$(INSTALLED): pyproject.toml constraints.txt CMakeLists.txt $(NATIVE)
	@test -n "$(PYTHON)" || { echo "sonogram needs Python 3.10 to 3.13 with venv and ensurepip:" \
		"install one, or name it: make PYTHON=/path/to/python3 ..." >&2; exit 1; }
	@echo "Setting up $(VENV) with $(PYTHON) (minutes the first time, seconds later)"
	@test -x $(PY) || $(PYTHON) -m venv --clear $(VENV)
	@# The build tools come first, pinned like the rest, so that the build needs no environment
	@# of its own with versions of its own.
	@$(PIP) install -c constraints.txt scikit-build-core cmake ninja
	@$(PIP) install -c constraints.txt --no-build-isolation -e '.[dev]'
	@test -z "$(NATIVE)" || ls src/sonogram/native/libsonogram_native.* >/dev/null 2>&1 || \
		echo "No C++ compiler found: sonogram runs without its native engine, so more slowly." >&2
	@touch $@

$(BACKENDS): $(INSTALLED)
	@echo "Adding JAX and PyTorch to $(VENV)"
	@$(PIP) install -c constraints.txt --no-build-isolation -e '.[jax]' 'torch==2.13.0'
	@touch $@

# --- for everyone

demo: setup  ## make pictures of the example clips
	@mkdir -p demo
	@for clip in $(CLIPS); do \
		name=$$(basename $$clip); \
		$(BIN)/sonogram show $$clip -o demo/$${name%.*}.png || exit 1; \
	done
	@echo "The pictures are in $(CURDIR)/demo:"; ls demo/*.png

test: setup  ## run the tests
	$(PY) -m pytest -n $(JOBS) $(ARGS)

# --- for those who change the code

test-backends: $(BACKENDS)  ## run the engine and layer tests on JAX, then on PyTorch
	KERAS_BACKEND=jax $(PY) -m pytest -n $(JOBS) -m backends $(ARGS)
	KERAS_BACKEND=torch $(PY) -m pytest -n $(JOBS) -m backends $(ARGS)

accept: setup  ## run what needs the recordings beside the project (SONOGRAM_DATA)
	$(PY) -m pytest -n $(JOBS) -m accept $(ARGS)

format: setup  ## put every file into its standard form
	$(BIN)/ruff check --fix-only --quiet .
	$(BIN)/ruff format .

format-check: setup
	$(BIN)/ruff format --check .

lint: setup  ## look for mistakes
	$(BIN)/ruff check .

types: setup  ## check the types of the package
	$(BIN)/mypy

rules: setup  ## check which module imports which
	$(BIN)/lint-imports --no-cache

check: format-check lint types rules test $(filter teeth docs,$(SCRIPTS))  ## everything CI runs
	@echo "make check: all passed"

PARITY_PYTHON ?= python3.11
define HAS_PARITY_PYTHON
{ $(PARITY_PYTHON) -c 'import ensurepip, sys; sys.exit(sys.version_info[:2] != (3, 11))' 2>/dev/null || { \
	echo "make parity and the benches need Python 3.11 with venv and ensurepip:" \
	"install it, or name it: make PARITY_PYTHON=/path/to/python3.11 ..." >&2; exit 1; }; }
endef

# What runs beside other libraries does so in an environment that has them.
BENCHES := bench bench-data bench-extract bench-models
PEERS := .venv-bench
PEERS_WHOLE := torch tensorflow-cpu keras librosa asrfront specux audioflux kaldi-native-fbank scipy \
	scikit-learn soundfile soxr typer rich matplotlib xxhash
PEERS_ALONE := torchaudio audiomentations numpy-minmax numpy-rms python-stretch torch-audiomentations julius \
	torch-pitch-shift primePy

$(PEERS)/installed.stamp: constraints-bench.txt
	@test -x $(PEERS)/bin/python || $(HAS_PARITY_PYTHON)
	@echo "Setting up $(PEERS) (minutes the first time, some gigabytes)"
	@test -x $(PEERS)/bin/python || $(PARITY_PYTHON) -m venv --clear $(PEERS)
	@$(PEERS)/bin/python -m pip --disable-pip-version-check -qq install -c $< $(PEERS_WHOLE)
	@$(PEERS)/bin/python -m pip --disable-pip-version-check -qq install -c $< --no-deps $(PEERS_ALONE)
	@touch $@

$(filter $(BENCHES),$(SCRIPTS)): setup $(PEERS)/installed.stamp
	PYTHONPATH=src $(PEERS)/bin/python $($@_script) $(ARGS)

$(filter-out parity $(BENCHES),$(SCRIPTS)): setup
	$(PY) $($@_script) $(ARGS)

# The originals pin versions that development does not, so they live in an environment of their own.
PARITY := .venv-parity
PARITY_WHOLE := torch transformers kaldi-native-fbank librosa torchlibrosa tensorflow-cpu keras \
	pyopen-wakeword essentia soundfile soxr setuptools wheel
PARITY_ALONE := torchaudio openai-whisper speechbrain torchvggish hear21passt nemo-toolkit espnet vocos \
	bigvgan ddsp

$(PARITY)/installed.stamp: constraints-parity.txt
	@test -x $(PARITY)/bin/python || $(HAS_PARITY_PYTHON)
	@echo "Setting up $(PARITY) (minutes the first time, some gigabytes)"
	@test -x $(PARITY)/bin/python || $(PARITY_PYTHON) -m venv --clear $(PARITY)
	@$(PARITY)/bin/python -m pip --disable-pip-version-check -qq install -c $< $(PARITY_WHOLE)
	@$(PARITY)/bin/python -m pip --disable-pip-version-check -qq install -c $< --no-deps \
		--no-build-isolation $(PARITY_ALONE)
	@touch $@

ifneq ($(wildcard $(parity_script)),)
parity: setup $(PARITY)/installed.stamp
	PYTHONPATH=src $(PARITY)/bin/python $(parity_script) $(ARGS)
endif

clean:  ## remove everything that was made here
	rm -rf $(VENV) $(PARITY) $(PEERS) build dist demo .hypothesis .mypy_cache .pytest_cache .ruff_cache
	rm -f src/sonogram/native/libsonogram_native.*
