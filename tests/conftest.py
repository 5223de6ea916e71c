"""What all tests share: one backend, fixed seeds, few threads, no log messages of TensorFlow."""

import os
import random
import signal
import sys
from importlib import metadata
from pathlib import Path

# Before anything imports TensorFlow or Keras, which read these once.
os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("MPLBACKEND", "Agg")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
if "PYTEST_XDIST_WORKER" in os.environ:
    # The workers share the cores: one thread each, or they wait for one another.
    for variable in ("OMP_NUM_THREADS", "TF_NUM_INTEROP_THREADS", "TF_NUM_INTRAOP_THREADS"):
        os.environ.setdefault(variable, "1")

import hypothesis
import numpy as np
import pytest

# A job in the background ignores Ctrl-C, and so would the programs that tests start and interrupt.
signal.signal(signal.SIGINT, signal.default_int_handler)

ROOT = Path(__file__).resolve().parents[1]
# Helpers of the tests: the contract, the comparison with its bounds, the signals.
sys.path.insert(0, str(ROOT / "tests" / "support"))
pytest.register_assert_rewrite("agreement", "contract")
SEED = 20_240_229

# Property tests draw the same examples everywhere, and no example fails for being slow: the first
# one may import TensorFlow. HYPOTHESIS_PROFILE=explore looks further, with new draws each time.
hypothesis.settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True)
hypothesis.settings.register_profile("explore", deadline=None, max_examples=2_000)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))


def pytest_report_header() -> str:
    """Name what a result depends on."""
    names = ("numpy", "keras", "tensorflow-cpu", "tensorflow", "jax", "torch", "soundfile", "soxr")
    versions = [f"{name} {version}" for name in names if (version := _version(name))]
    return f"backend: {os.environ['KERAS_BACKEND']}; " + ", ".join(versions)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark the tests that `make test` leaves out."""
    from selection import exhaustive

    for item in exhaustive(items):
        item.add_marker("exhaustive")


def _version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


@pytest.fixture(autouse=True)
def _same_seed_every_time() -> None:
    random.seed(SEED)
    np.random.seed(SEED)  # noqa: NPY002 - what other libraries draw from
    if "keras" in sys.modules:
        sys.modules["keras"].utils.set_random_seed(SEED)


@pytest.fixture
def rng() -> np.random.Generator:
    """A generator that starts at the same place in every test."""
    return np.random.default_rng(SEED)


@pytest.fixture(scope="session")
def examples() -> Path:
    """The folder of the example clips."""
    return ROOT / "examples"


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of recordings: ../shared/data, or the one in SONOGRAM_DATA."""
    from shared_data import DATA

    if not DATA.is_dir():
        pytest.fail(f"no recordings at {DATA}: set SONOGRAM_DATA to their folder")
    return DATA
