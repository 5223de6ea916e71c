"""The page docs/parity.md: the originals, the errors and their meaning.

The page is also where the rows are kept, so that some presets can be compared again without all others.
"""

from __future__ import annotations

import platform
import re
from collections.abc import Iterator, Sequence

import numpy as np

import sonogram
from parity.measure import ENGINES, Result

__all__ = ["Rows", "page", "read", "renew"]

Rows = dict[str, dict[str, list[str]]]
"""Lines of the tables and lists: by heading, then by preset."""

_HEAD = """# Parity

This page compares each preset with its original, on the same samples. `make parity` runs the originals and
writes the page. What they returned on one difficult signal is kept in `tests/parity/recordings` and compared
in `make check`, and `tests/golden` has one recording of each preset.

The signals are a sweep, speech, music, voices, speech with stretches of digital silence, clipped music,
speech over a DC offset of 0.5, quiet speech of a few bits, odd lengths, silence, a click, impulses, a
constant, a tone at full scale, and clips from 1 sample to a few frames, with every length around the
frame, the step and the FFT. All are rounded to 16 bits.

The columns:

* *max* and *RMS*: error in the unit of the features, over the cells that count: bands that hold at
  least 1e-6 of the largest power of their frame (all cells where the features are linear).
* *relative*: largest error of any cell in the linear domain, as a part of its frame's maximum; none for
  cepstra.
* *of bound*: the largest part of its bound that any of these errors takes. The bounds: 5e-5 relative;
  logarithms 1e-3 at most and 1e-4 RMS in units of ln; cepstra 2e-4 RMS in units of ln times the square root
  of the number of bands; PCEN 1e-4; derivatives twice that of what they derive; constant-Q magnitudes
  2e-4. The shortcuts of librosa's constant-Q transform allow an RMS of 1.5e-2 of the clip's maximum. Most
  errors are the float32 noise of the original. Compare the engine `numpy` with originals that compute in
  float64 (marked †) to see the rest.
* A frame can carry a value far larger than its bands (a DC offset, a click under the edge of the window).
  That value then replaces the frame's maximum, because it determines the noise of float32.
* *refused*: signals that the original does not accept, all of them shorter than its window or its
  mirrored edges. sonogram returns features, or no frames, without an error.

Not here, because they are no front end in floating point: `micro-speech` and `microwakeword`, integers that
`tests/micro` compares bit for bit. No preset, because their filters run on the samples, which costs a
convolution per sample and not per frame: LEAF and SincNet, which are layers (`sonogram.layers.Leaf` and
`SincConv`), and the gammatone filters of the package `gammatone`, whose recursive filters no export has.
"""


def read(text: str) -> Rows:
    """Return the rows of a page."""
    rows: Rows = {}
    heading = ""
    for line in text.splitlines():
        if line.startswith("## "):
            heading = line
        elif found := re.match(r"[|*] `([\w-]+)`", line):
            rows.setdefault(heading, {}).setdefault(found[1], []).append(line)
    return rows


def renew(rows: Rows, preset: str, results: Sequence[Result]) -> None:
    """Replace the rows of a preset by those of new results."""
    for lines in rows.values():
        lines.pop(preset, None)
    rows.setdefault(_ORIGINALS, {})[preset] = [_original(result) for result in results]
    for engine in ENGINES:
        made = [_errors(result, engine) for result in results if engine in result.engines]
        rows.setdefault(_engine(engine), {})[preset] = made
    broken = [line for result in results for line in _broken(result)]
    rows.setdefault(_BROKEN, {})[preset] = broken


def page(rows: Rows, presets: Sequence[str]) -> str:
    """Return the page as Markdown, with the rows of these presets in their order."""
    return "\n".join([_HEAD, _machine(), "", *_sections(rows, presets), ""])


_ORIGINALS = "## The originals"
_BROKEN = "## Broken bounds"
_MARKS = (
    "‡: the library that the original calls, with the original's arguments. §: the original cannot be "
    "installed; its formula, written in float64 from its description, stands for it."
)


def _engine(name: str) -> str:
    return f"## Engine `{name}`"


def _sections(rows: Rows, presets: Sequence[str]) -> Iterator[str]:
    def lines(heading: str) -> list[str]:
        kept = rows.get(heading, {})
        return [line for preset in presets for line in kept.get(preset, ())]

    yield from (_ORIGINALS, "", _MARKS, "")
    yield "| preset | original | what is called | signals | refused |"
    yield "| --- | --- | --- | ---: | ---: |"
    yield from lines(_ORIGINALS)
    for name in ENGINES:
        yield from ("", _engine(name), "")
        yield "| preset | original | unit | max | RMS | relative | of bound | on |"
        yield "| --- | --- | --- | ---: | ---: | ---: | ---: | --- |"
        yield from lines(_engine(name))
    yield from ("", _BROKEN, "")
    yield from lines(_BROKEN) or ["Nothing."]
    missing = [preset for preset in presets if not rows.get(_ORIGINALS, {}).get(preset)]
    if missing:
        yield from ("", "## Not compared", "", ", ".join(f"`{preset}`" for preset in missing))


def _machine() -> str:
    return (
        f"Measured with sonogram {sonogram.__version__}, Python {platform.python_version()}, "
        f"NumPy {np.__version__}, {platform.machine()}."
    )


def _mark(result: Result) -> str:
    return "†" if result.original.float64 or result.original.formula else ""


def _original(result: Result) -> str:
    original = result.original
    mark = _mark(result) + ("‡" if original.recipe else "") + ("§" if original.formula else "")
    return (
        f"| `{original.preset}` | {original.versions} {mark} | `{original.call}` "
        f"| {result.compared} | {result.refused} |"
    )


def _errors(result: Result, engine: str) -> str:
    figures = result.engines[engine]
    unit = sonogram.preset(result.original.preset).unit
    relative = f"{figures.relative:.1e}" if figures.relative else "-"
    return (
        f"| `{result.original.preset}` | {result.original.packages[0]}{_mark(result)} | {unit} "
        f"| {figures.largest:.1e} | {figures.rms:.1e} | {relative} | {figures.share:.2g} | {figures.worst} |"
    )


def _broken(result: Result) -> list[str]:
    return [
        f"* `{result.original.preset}` on `{name}`: {', '.join(figures.beyond)}"
        for name, figures in result.engines.items()
        if figures.beyond
    ]
