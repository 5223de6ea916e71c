"""The program, run inside the test."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

import sonogram as sg


@dataclass(frozen=True)
class Ran:
    """How a run ended."""

    code: int
    out: str
    err: str


@pytest.fixture
def run(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Callable[..., Ran]:
    """Run the program in its own folder."""
    from sonogram.cli import main

    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")  # or long messages would be broken into lines

    def ran(*arguments: str) -> Ran:
        monkeypatch.setattr(sys, "argv", ["sonogram", *map(str, arguments)])
        capsys.readouterr()
        with pytest.raises(SystemExit) as end:
            main()
        printed = capsys.readouterr()
        assert "Traceback" not in printed.err
        return Ran(int(end.value.code or 0), printed.out, printed.err)

    return ran


@pytest.fixture
def bird(tmp_path: Path, rng: np.random.Generator) -> Path:
    """A quarter of a second of stereo noise."""
    path = tmp_path / "bird.wav"
    sg.save(path, rng.normal(size=(2, 4000)) / 10, 16_000)
    return path
