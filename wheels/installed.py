"""Run the quick tests with an installed wheel, in a fresh environment of each Python, without the sources."""

import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[1]
PYTHONS = ("3.10", "3.11", "3.12", "3.13")
# What the quick tests need: the development tools without those that build, check and publish the sources.
PACKAGES = "ai-edge-litert av dask distributed google-crc32c httpx hypothesis librosa onnx onnxruntime pytest"
PACKAGES += " pytest-xdist scikit-learn starlette tensorflow-cpu tf2onnx uvicorn"
# These read the sources, the documentation or the page of the viewer.
NEED_SOURCES = ("tests/docs", "tests/fuzz", "tests/native", "tests/teeth", "tests/test_rules.py")
NEED_SOURCES += ("tests/support/test_selection.py", "tests/test_public_names.py", "tests/viewer/test_page.py")


class Result(NamedTuple):
    """What one Python printed, and whether all passed."""

    text: str
    passed: bool


def python(version: str) -> str | None:
    """Return the Python of that version, from PATH or from pyenv."""
    root = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    candidates = (shutil.which(f"python{version}"), *sorted(root.glob(f"versions/{version}.*/bin/python")))
    for candidate in candidates:
        # A name on PATH may be a shim that starts nothing.
        if (
            candidate
            and not subprocess.run([candidate, "-c", ""], capture_output=True, check=False).returncode
        ):
            return str(candidate)
    return None


def run_tests(wheel: Path) -> list[Result]:
    """Return what each Python printed."""
    return [_run(wheel, version) for version in PYTHONS]


def _run(wheel: Path, version: str) -> Result:
    found = python(version)
    if found is None:
        return Result(f"Python {version}: not run: not installed", True)
    with tempfile.TemporaryDirectory() as folder:
        own = Path(folder, "bin", "python")
        subprocess.run([found, "-m", "venv", folder], check=True)
        install = [
            own,
            "-m",
            "pip",
            "--disable-pip-version-check",
            "-qq",
            "install",
            "-c",
            ROOT / "constraints.txt",
        ]
        subprocess.run([*install, wheel, *PACKAGES.split()], check=True)
        away = Path(folder, "away")
        for name in ("tests", "examples"):
            shutil.copytree(ROOT / name, away / name, ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copy(ROOT / "pyproject.toml", away)
        ignored = [f"--ignore={name}" for name in NEED_SOURCES]
        selected = ["-m", "not (exhaustive or accept or backends)"]
        # No compiler is found: the wheel brings the library.
        environment = {
            **os.environ,
            "PATH": str(own.parent),
            "KERAS_BACKEND": "tensorflow",
            "MPLBACKEND": "Agg",
        }
        command = [own, "-m", "pytest", "-q", "-n", "2", *selected, *ignored]
        done = subprocess.run(command, check=False, capture_output=True, text=True, cwd=away, env=environment)
    last = re.sub(r"=+", "", done.stdout.strip().rpartition("\n")[2]).strip()
    if done.returncode:
        print(done.stdout[-4000:])
    return Result(f"Python {version}: {last}", done.returncode == 0)
