"""Lets the runtime of a format run a model, in a process that cannot import sonogram."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sonogram.errors import SonogramError

__all__ = ["Case", "run"]

Case = Mapping[str, NDArray[np.generic]]

_SCRIPT = Path(__file__).with_name("runtime.py")
_TIMEOUT = 1800.0  # seconds; a big model on a slow machine takes minutes, a hung runtime for ever
_EXTRAS = {"saved-model": "tensorflow", "litert": "litert", "onnx": "onnx"}


def run(form: str, path: Path, cases: Sequence[Case]) -> tuple[list[Case], float]:
    """Run a model on all cases.

    Args:
        form: The format of the file.
        path: The file or folder.
        cases: Inputs by name, for each run.

    Returns:
        The outputs by name of each run, and the milliseconds that the last one takes on one thread.

    Raises:
        SonogramError: The runtime is not installed, or cannot run the model.
    """
    with tempfile.TemporaryDirectory() as folder:
        given, returned = Path(folder) / "cases.npz", Path(folder) / "results.npz"
        keys = {
            f"{number}/{name}": value for number, case in enumerate(cases) for name, value in case.items()
        }
        np.savez(given, **keys)  # type: ignore[arg-type]
        command = [sys.executable, str(_SCRIPT), form, str(path.resolve()), str(given), str(returned)]
        try:
            ran = subprocess.run(
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
            raise SonogramError(f"the {form} runtime did not finish in {_TIMEOUT:.0f} s") from None
        if ran.returncode != 0:
            raise SonogramError(_complaint(form, ran.stderr, ran.returncode))
        results: list[dict[str, NDArray[np.generic]]] = [{} for _ in cases]
        with np.load(returned, allow_pickle=False) as file:
            for key in file.files:
                number, _, name = key.partition("/")
                if name:
                    results[int(number)][name] = file[key]
            return list(results), float(file["milliseconds"])


def _complaint(form: str, stderr: str, code: int) -> str:
    lines = [line.strip() for line in stderr.splitlines() if line.strip()]
    last = lines[-1] if lines else f"exit code {code}"
    if last.startswith(("ModuleNotFoundError", "ImportError")):
        return f'the {form} runtime is missing ({last}): pip install "sonogram[{_EXTRAS[form]}]"'
    return f"the {form} runtime cannot run the model: {last}"
