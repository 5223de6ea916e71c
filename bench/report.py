"""The page and the picture of the benchmark."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

import sonogram as sg

__all__ = ["error_with_unit", "operations", "page", "picture"]

_HEAD = """\
# Benchmarks

`make bench` writes this page. All numbers are from one run, with one thread.

{machine}.
{versions}.

Times are microseconds per frame, for ten seconds of noise. In each round every library runs several times in
a row, and the least processor time of all rounds counts. The column *ours* is the time divided by that of
`frontend(samples)`. The rows *sonogram, avx2* and *sonogram, baseline* use narrower instructions than this
processor has. The error is the largest difference from the float64 reference of the definition that the
library computes, in the unit of its features. Where a library cannot compute our definition, its name states
the difference. librosa computes in float64, which its error shows; all others here compute in float32.

The last table is the gradient of the features' sum with respect to the samples, as in training. There *ours*
is relative to `frontend(samples, "graph")`.

Two rows are limits. FFTW's best plan computes the transform alone. A matrix product in float32 (NumPy's BLAS)
only multiplies and adds: an FFT cannot pair each product with a sum, and moves its data between passes.

`make bench ARGS='--threads 2'` prints the same for two threads. `make bench-compare` prints what became
slower between two commits on one machine.

[Where the native engine spends its time](native-experiments.md) lists what was tried to make it faster.
"""


def page(found: dict[str, Any]) -> str:
    """Return the page in Markdown."""
    versions = ", ".join(f"{name} {version}" for name, version in found["versions"].items())
    parts = [_HEAD.format(machine=found["machine"], versions=versions)]
    parts.append("![Times of all libraries](images/benchmarks.png)\n")
    return "\n".join([*parts, *_tables(found["rows"])])


def error_with_unit(row: dict[str, Any]) -> str:
    """Return the error of a row, or a dash where it has none."""
    error = row["max_error"]
    return "-" if np.isnan(error) else f"{error:.1e} {row['unit']}"


def operations(frontend: sg.Frontend) -> int:
    """Return the number of additions and multiplications per frame, `2.5 N log2 N` for the FFT.

    The window needs N, the power of a bin three, each weight of a band that is not 0 two, a square root
    one and a logarithm twelve.
    """
    size = frontend.fft_length
    bins = size // 2 + 1
    count = frontend.frame_length + 2.5 * size * np.log2(size) + 3 * bins
    if frontend.bands is None:
        return round(count + bins)
    weights = np.count_nonzero(frontend.bands.matrix(frontend.sample_rate, size))
    return round(count + 2 * weights + 12 * frontend.num_bands)


def _tables(rows: list[dict[str, Any]]) -> Iterator[str]:
    for case in dict.fromkeys(row["case"] for row in rows):
        chosen = sorted((row for row in rows if row["case"] == case), key=lambda row: row["microseconds"])
        ours = next(row["microseconds"] for row in chosen if row["method"] in ("sonogram", "sonogram, graph"))
        yield f"## {case}\n"
        one_call = case.startswith("one second")
        yield f"| library | {'µs per call' if one_call else 'µs per frame'} | ours | largest error |"
        yield "| --- | ---: | ---: | ---: |"
        for row in chosen:
            taken = row["microseconds"] if one_call else row["microseconds_per_frame"]
            shown = f"{taken:.0f}" if one_call else f"{taken:.2f}"
            yield f"| {row['method']} | {shown} | {row['microseconds'] / ours:.2f} | {error_with_unit(row)} |"
        yield ""


def picture(found: dict[str, Any], path: Path) -> None:
    """Draw the times of one thread as bars, one panel for each definition."""
    from matplotlib import pyplot as plt

    rows = [row for row in found["rows"] if not row["case"].startswith(("one second", "forward"))]
    cases = list(dict.fromkeys(row["case"] for row in rows))
    figure, panels = plt.subplots(2, 2, figsize=(12, 8), layout="constrained")
    for case, panel in zip(cases, panels.flat, strict=True):
        chosen = sorted((row for row in rows if row["case"] == case), key=lambda row: -row["microseconds"])
        values = [row["microseconds_per_frame"] for row in chosen]
        names = [row["method"] for row in chosen]
        colors = ["#b5367a" if name.startswith("sonogram") else "#9a9a9a" for name in names]
        panel.barh(names, values, color=colors)
        for place, value in enumerate(values):
            panel.text(value, place, f" {value:.2f}", va="center", fontsize=8)
        panel.set_title(case, loc="left", fontsize=11)
        panel.set_xlabel("microseconds per frame, one thread")
        panel.tick_params(axis="y", labelsize=8)
        panel.margins(x=0.12)
        panel.spines[["top", "right"]].set_visible(False)
    figure.savefig(path, dpi=100)
    plt.close(figure)
