"""The C source of a front end, compiled for this machine and called from Python."""

from __future__ import annotations

import ctypes
import shutil
import subprocess
from collections.abc import Iterable
from itertools import repeat
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

import sonogram as sg

COMPILER = shutil.which("gcc") or shutil.which("cc")
STRICT = ("-std=c99", "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-O2")
_STATE = 1 << 20  # bytes, more than any state
_Pointer, _Integers = ctypes.POINTER(ctypes.c_float), ctypes.POINTER(ctypes.c_uint16)


class CompiledC:
    """An exported front end as a shared library.

    Args:
        frontend: Definition.
        folder: Where the source is written and compiled.
    """

    def __init__(self, frontend: sg.Frontend | sg.MicroFrontend, folder: Path) -> None:
        self.frontend = frontend
        sg.export_frontend(frontend, folder)
        assert COMPILER is not None
        command = [COMPILER, *STRICT, "-shared", "-fPIC", "-o", "frontend.so", "frontend.c", "-lm"]
        subprocess.run(command, check=True, cwd=folder)
        self._library = ctypes.CDLL(str(folder / "frontend.so"))
        self._micro = isinstance(frontend, sg.MicroFrontend)
        for name in ("push_int16",) if self._micro else ("push", "push_int16", "finish"):
            getattr(self._library, f"frontend_{name}").restype = _Integers if self._micro else _Pointer

    def __call__(self, samples: ArrayLike, sizes: Iterable[int] = repeat(1 << 30)) -> NDArray[Any]:
        """Return the features of a clip that arrives in blocks of these sizes."""
        array = np.asarray(samples)
        kind, name = (np.int16, "push_int16") if array.dtype == np.int16 else (np.float32, "push")
        array = np.ascontiguousarray(array, kind)
        state = ctypes.create_string_buffer(_STATE)
        self._library.frontend_begin(state)
        rows, at, sizes = [], 0, iter(sizes)
        push = getattr(self._library, f"frontend_{name}")
        while at < len(array):
            count = ctypes.c_size_t(min(next(sizes), len(array) - at))
            at += count.value
            block = ctypes.c_void_p(array.ctypes.data + (at - count.value) * array.itemsize)
            while row := push(state, ctypes.byref(block), ctypes.byref(count)):
                rows.append(self._row(row))
            assert count.value == 0
        while not self._micro and (row := self._library.frontend_finish(state)):
            rows.append(self._row(row))
        kind = np.uint16 if self._micro else np.float32
        return np.array(rows, kind).reshape(-1, self.frontend.num_bands)

    def _row(self, pointer: Any) -> NDArray[Any]:
        return np.ctypeslib.as_array(pointer, (self.frontend.num_bands,)).copy()
