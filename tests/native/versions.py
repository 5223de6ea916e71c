"""Check that one wheel serves several versions of Python and TensorFlow, without Keras.

    python tests/native/versions.py                  all versions of which there is a Python here
    python tests/native/versions.py 2.18.1/3.11      these alone

The wheel is built once. Each version of TensorFlow gets an environment of its own, some minutes and
gigabytes, and computes every preset on arrays and with the op: eagerly, in `tf.data`, in a function.
All must give the same bits. A Python that is not here is named and left out; with none, it fails.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
VERSIONS = (
    ("2.16.2", "3.10"),
    ("2.16.2", "3.11"),
    ("2.16.2", "3.12"),
    ("2.18.1", "3.11"),
    ("2.18.1", "3.12"),
    ("2.21.0", "3.10"),
    ("2.21.0", "3.11"),
    ("2.21.0", "3.13"),
)
# What a wheel needs besides NumPy and TensorFlow is kept away, Keras above all.
PROOF = """
import runpy, sys
for absent in ("keras", "matplotlib", "rich", "soundfile", "soxr", "typer", "xxhash"):
    sys.modules[absent] = None
runpy.run_path(sys.argv[1], run_name="__main__")
"""
PIP = ("-m", "pip", "--disable-pip-version-check", "-qq")


def python(version: str) -> str | None:
    """Return the Python of that version, from PATH or from pyenv."""
    root = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    builds = sorted(root.glob(f"versions/{version}.*/bin/python"))
    for candidate in (shutil.which(f"python{version}"), *builds):
        # A name on the path may be a shim that starts nothing.
        if (
            candidate
            and not subprocess.run([candidate, "-c", ""], capture_output=True, check=False).returncode
        ):
            return str(candidate)
    return None


def build(folder: Path) -> Path:
    """Return the wheel, built by the Python that runs this script."""
    command = [
        sys.executable,
        *PIP,
        "wheel",
        "--no-deps",
        "--no-build-isolation",
        "-w",
        str(folder),
        str(ROOT),
    ]
    subprocess.run(command, check=True)
    (wheel,) = folder.glob("*.whl")
    return wheel


def prove(wheel: Path, tensorflow: str, interpreter: str) -> str:
    """Return the digest of all features, from a temporary environment."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([interpreter, "-m", "venv", folder], check=True)
        inside = str(Path(folder, "bin", "python"))
        install = [inside, *PIP, "install", "--no-compile", f"tensorflow-cpu=={tensorflow}"]
        if subprocess.run(install, check=False).returncode:
            sys.exit(f"TensorFlow {tensorflow} cannot be installed with {interpreter}; the reason is above")
        subprocess.run([inside, *PIP, "install", "--no-deps", str(wheel)], check=True)
        # From its own folder, without the source on the path: what runs is what was installed.
        environment = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
        environment["TF_CPP_MIN_LOG_LEVEL"] = "3"
        command = [inside, "-c", PROOF, str(HERE / "one_version.py")]
        done = subprocess.run(
            command, env=environment, cwd=folder, capture_output=True, text=True, check=False
        )
        if done.returncode:
            sys.exit(f"TensorFlow {tensorflow} with {interpreter} failed:\n{done.stderr}")
        return done.stdout.strip().splitlines()[-1]


def main() -> None:
    """Check all versions; stop at the first that differs."""
    wrong = next((name for name in sys.argv[1:] if not re.fullmatch(r"\d+(\.\d+)+/\d+\.\d+", name)), None)
    if wrong is not None:
        sys.exit(f"{wrong}: not a version of TensorFlow and one of Python, such as 2.18.1/3.11")
    wanted = [tuple(name.split("/")) for name in sys.argv[1:]] or VERSIONS
    here = []
    for tensorflow, version in wanted:
        interpreter = python(version)
        name = f"TensorFlow {tensorflow}, Python {version}"
        if interpreter is None:
            print(f"{name}: left out, there is no Python {version} here", flush=True)
        else:
            here.append((name, tensorflow, interpreter))
    if not here:
        sys.exit("none of these versions of Python is here")
    digests: dict[str, list[str]] = {}
    with tempfile.TemporaryDirectory() as folder:
        wheel = build(Path(folder))
        print(f"{wheel.name}", flush=True)
        for name, tensorflow, interpreter in here:
            digest = prove(wheel, tensorflow, interpreter)
            print(f"{name}: {digest}", flush=True)
            digests.setdefault(digest, []).append(name)
    if len(digests) != 1:
        sys.exit(f"not one result but {len(digests)}: {digests}")
    print("op and arrays give the same bits in all of them")


if __name__ == "__main__":
    main()
