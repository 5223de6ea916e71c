"""Runs an exported model in its own runtime, in a process that cannot import sonogram."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from sonogram.errors import SonogramError
from sonogram.exporting.cases import Case, Values

__all__ = ["run"]

_SCRIPT = Path(__file__).with_name("runtime.py")
_TIMEOUT = 1800.0
"""Seconds. A big model on a slow machine takes minutes; a runtime that hangs never ends."""
_EXTRAS = {"saved-model": "tensorflow", "litert": "litert", "onnx": "onnx"}


def run(format: str, path: Path, cases: Sequence[Case]) -> tuple[list[Case], float]:
    """Run a model on all cases.

    Args:
        format: The format of the file.
        path: The file or folder.
        cases: Inputs by name, for each run.

    Returns:
        The outputs by name of each run, and the time of the last one on one thread in milliseconds.

    Raises:
        SonogramError: The runtime is not installed, or cannot run the model.
    """
    with tempfile.TemporaryDirectory() as folder:
        inputs, outputs = Path(folder) / "cases.npz", Path(folder) / "results.npz"
        arrays = {f"{index}/{name}": each for index, case in enumerate(cases) for name, each in case.items()}
        np.savez(inputs, **arrays)  # type: ignore[arg-type]
        command = [sys.executable, str(_SCRIPT), format, str(path.resolve()), str(inputs), str(outputs)]
        try:
            process = subprocess.run(
                command,
                cwd=folder,
                env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": ""},
                capture_output=True,
                text=True,
                errors="replace",
                timeout=_TIMEOUT,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise SonogramError(f"the {format} runtime did not finish in {_TIMEOUT:.0f} s") from None
        if process.returncode != 0:
            raise SonogramError(_error_message(format, process.stderr, process.returncode))
        results: list[dict[str, Values]] = [{} for _ in cases]
        with np.load(outputs, allow_pickle=False) as file:
            for key in file.files:
                number, _, name = key.partition("/")
                if name:
                    results[int(number)][name] = file[key]
            return list(results), float(file["milliseconds"])


def _error_message(format: str, stderr: str, code: int) -> str:
    lines = [line.strip() for line in stderr.splitlines() if line.strip()]
    last = lines[-1] if lines else f"exit code {code}"
    if last.startswith(("ModuleNotFoundError", "ImportError")):
        return f'the {format} runtime is missing ({last}): pip install "sonogram[{_EXTRAS[format]}]"'
    return f"the {format} runtime cannot run the model: {last}"
