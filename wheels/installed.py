"""Run the quick tests with an installed wheel, without the sources: on each Python, and under an emulator."""

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import debian

ROOT = Path(__file__).resolve().parents[1]
LOGS = ROOT / "build" / "wheels"
PYTHONS = ("3.10", "3.11", "3.12", "3.13")
# What the quick tests need: the development tools without those that build, check and publish the sources.
PACKAGES = "ai-edge-litert av dask distributed google-crc32c httpx hypothesis librosa onnx onnxruntime pytest"
PACKAGES += " pytest-xdist scikit-learn starlette tensorflow-cpu tf2onnx uvicorn"
# These read the sources, the documentation or the page of the viewer.
NEED_SOURCES = (
    *("tests/docs", "tests/fuzz", "tests/native", "tests/parity", "tests/teeth"),
    *("tests/support/test_selection.py", "tests/test_public_names.py", "tests/test_rules.py"),
    *("tests/viewer/test_page.py", "tests/web/test_engine.py::test_the_version_changes_with_the_struct"),
)
COMPILERS = re.compile(
    r"(.*-)?(cc|c\+\+|gcc|g\+\+|c[89]9(-gcc)?|clang(\+\+)?|nvcc|tcc|zig|cmake|ninja)(-[\d.]+)?"
)
# Under an emulator: the contract and all that the compiled library does, without TensorFlow.
EMULATED_PACKAGES = "av hypothesis pytest scipy"
EMULATED = ["tests/presets/test_contract.py", "tests/presets/test_golden.py", "tests/streaming"]
EMULATED += ["tests/engines/test_native.py", "tests/engines/test_native_calls.py"]
EMULATED += [f"tests/audio/test_{name}.py" for name in ("broken", "codings", "container", "load", "mix")]
EMULATED += [f"tests/audio/test_{name}.py" for name in ("native", "pipes", "resample", "save")]
# qemu stops for ever in the child of a program with threads.
EMULATED += [
    "--deselect=tests/engines/test_native_calls.py::test_a_forked_child_computes_with_threads_of_its_own"
]
LONGEST_SECONDS = 2 * 3600
PIP = ("-m", "pip", "--disable-pip-version-check", "-qq", "install", "-c", ROOT / "constraints.txt")


class Result(NamedTuple):
    """Where the tests ran, how many passed, and whether all did."""

    where: str
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


def on_python(wheel: Path, version: str) -> Result:
    """Run the quick tests in a fresh environment of a Python of this machine."""
    where = f"Python {version}"
    found = python(version)
    if found is None:
        return Result(where, "not run: not installed", True)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        own = folder / "bin" / "python"
        subprocess.run([found, "-m", "venv", folder], check=True)
        if subprocess.run([own, *PIP, wheel, *PACKAGES.split()], check=False).returncode:
            return Result(where, "the packages cannot be installed", False)
        ignored = [f"--{'deselect' if '::' in each else 'ignore'}={each}" for each in NEED_SOURCES]
        path = f"{own.parent}{os.pathsep}{_programs(folder / 'programs')}"
        environment = {"PATH": path, "KERAS_BACKEND": "tensorflow"}
        return _run(where, own, folder, [*ignored, "-n", "2"], environment)


def under_emulator(wheel: Path, processor: str) -> Result:
    """Run the tests of the compiled library with Debian's Python of another processor."""
    where = f"under qemu, Python of Debian for {processor}"
    if debian.emulator(processor) is None:
        return Result(where, "not run: install qemu-user", True)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        try:
            root = debian.unpack(processor, "python3 libstdc++6", folder / "root")
        except debian.UnavailableError as error:
            return Result(where, str(error), True)
        version = (root / "usr" / "bin" / "python3").resolve().name.removeprefix("python")
        packages = folder / "packages"
        kinds = [
            f"--platform={kind}_{processor}" for kind in ("manylinux2014", "manylinux_2_28", "manylinux_2_34")
        ]
        foreign = [*kinds, f"--python-version={version}", "--only-binary=:all:", "--target", packages]
        install = [sys.executable, *PIP, *foreign, wheel, *EMULATED_PACKAGES.split()]
        if subprocess.run(install, check=False).returncode:
            return Result(where, "the packages cannot be installed", False)
        own = debian.python(processor, root)
        environment = {"PYTHONPATH": str(packages), "KERAS_BACKEND": "numpy"}
        return _run(where.replace("Python", f"Python {version}"), own, folder, EMULATED, environment)


def _programs(folder: Path) -> Path:
    """Fill a folder with links to the programs on PATH, without compilers: the wheel brings the library."""
    folder.mkdir()
    for place in map(Path, os.get_exec_path()):
        for program in place.iterdir() if place.is_dir() else ():
            link = folder / program.name
            if not COMPILERS.fullmatch(program.name) and not link.is_symlink():
                link.symlink_to(program)
    return folder


def _run(
    where: str, own: Path, folder: Path, arguments: Sequence[str], environment: dict[str, str]
) -> Result:
    """Run tests in a folder without the sources; keep what pytest prints."""
    print(f"testing: {where}", flush=True)
    away = folder / "away"
    for name in ("tests", "examples"):
        shutil.copytree(
            ROOT / name, away / name, ignore=shutil.ignore_patterns("__pycache__", "node_modules")
        )
    shutil.copy(ROOT / "pyproject.toml", away)
    command = [own, "-m", "pytest", "-q", "-m", "not (exhaustive or accept or backends)", *arguments]
    LOGS.mkdir(parents=True, exist_ok=True)
    log = LOGS / f"tests-{re.sub(r'[^a-z0-9.]+', '-', where.lower())}.log"
    with log.open("wb") as file:
        running = subprocess.Popen(
            command,
            stdout=file,
            stderr=subprocess.STDOUT,
            cwd=away,
            env={**os.environ, "MPLBACKEND": "Agg", **environment},
            start_new_session=True,  # so that its workers can be stopped with it
        )
        try:
            running.wait(LONGEST_SECONDS)
        except subprocess.TimeoutExpired:
            return Result(where, f"stopped after {LONGEST_SECONDS // 3600} hours; see {log}", False)
        finally:
            if running.poll() is None:  # too long, or Control-C, which does not reach another session
                os.killpg(running.pid, signal.SIGKILL)
                running.wait()
    printed = log.read_text(encoding="utf-8", errors="replace")
    last = re.sub(r"=+", "", printed.strip().rpartition("\n")[2]).strip()
    if running.returncode:
        failures = re.findall(r"^(?:FAILED|ERROR) .*", printed, re.MULTILINE)
        print(*failures[:20], f"{where}: {last}; all of it is in {log}", sep="\n", flush=True)
    return Result(where, last or f"pytest failed; see {log}", running.returncode == 0)
