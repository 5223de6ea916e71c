"""The page and the picture of the benchmark."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

import sonogram as sg

__all__ = ["operations", "page", "picture"]

_HEAD = """\
# Benchmarks

`make bench` writes this page. All numbers are from one run.

{machine}.
{versions}.

Times are microseconds per frame, for five minutes of noise. Each is the best of several rounds, in which all
libraries run in turn in one process. The column *ours* is the time divided by that of `frontend(samples)`.
The error is the largest difference from the float64 reference of the definition that the library computes, in
the unit of its features. Where a library cannot compute our definition, its name states the difference.
librosa computes in float64, which its error shows; all others here compute in float32. audioflux doubles the
power of its bands once two threads have processed a long sound: an error of ln 2, or 6.9e-01.
"""


def page(found: dict[str, Any]) -> str:
    """Return the page in Markdown."""
    versions = ", ".join(f"{name} {version}" for name, version in found["versions"].items())
    parts = [_HEAD.format(machine=found["machine"], versions=versions)]
    parts.append("![Times of all libraries](images/benchmarks.png)\n")
    for name, run in found["runs"].items():
        parts.append(f"## {name.capitalize()}\n")
        if "two" in name:
            parts.append(
                f"In this run, two threads reached {run['scale']:.2f} times the arithmetic of one.\n"
            )
            parts.append(_scaling(found))
        parts += _tables(run["rows"])
        if name == "one thread":
            parts.append(_limit(run))
    return "\n".join(parts)


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


def _limit(run: dict[str, Any]) -> str:
    """Return the section that compares `frontend(samples)` with the arithmetic of one core."""
    lines = [
        "### Distance from the limit of one core\n",
        f"A matrix product of 1024 x 1024 in float32 (NumPy's BLAS) reached {run['gigaflops']:.0f} billion "
        "operations per second in this run. That is the limit of one core, because a matrix product "
        "only multiplies and adds. An FFT cannot pair each product with a sum, and moves "
        "its data between passes.\n",
        "| definition | operations per frame | billion per second | share of the matrix product |",
        "| --- | ---: | ---: | ---: |",
    ]
    for row in run["rows"]:
        if row["method"] == "sonogram" and not row["case"].startswith("one second"):
            speed = row["operations"] / row["microseconds_per_frame"] / 1e3
            share = 100 * speed / run["gigaflops"]
            lines.append(f"| {row['case']} | {row['operations']:,} | {speed:.0f} | {share:.0f} % |")
    return "\n".join(lines) + "\n"


def _tables(rows: list[dict[str, Any]]) -> Iterator[str]:
    for case in dict.fromkeys(row["case"] for row in rows):
        chosen = sorted((row for row in rows if row["case"] == case), key=lambda row: row["microseconds"])
        ours = next(row["microseconds"] for row in chosen if row["method"] == "sonogram")
        yield f"### {case}\n"
        one_call = case.startswith("one second")
        yield f"| library | {'µs per call' if one_call else 'µs per frame'} | ours | largest error |"
        yield "| --- | ---: | ---: | ---: |"
        for row in chosen:
            taken = row["microseconds"] if one_call else row["microseconds_per_frame"]
            error = "-" if row["max_error"] != row["max_error"] else f"{row['max_error']:.1e} {row['unit']}"
            shown = f"{taken:.0f}" if one_call else f"{taken:.2f}"
            yield f"| {row['method']} | {shown} | {row['microseconds'] / ours:.2f} | {error} |"
        yield ""


def _scaling(found: dict[str, Any]) -> str:
    """Return a line on the speed of `frontend(samples)` with two threads."""
    one, two = (
        {
            row["case"]: row["microseconds"]
            for row in found["runs"][name]["rows"]
            if row["method"] == "sonogram"
        }
        for name in ("one thread", "two threads")
    )
    shares = ", ".join(f"{case} {one[case] / two[case]:.2f}" for case in two)
    return f"Speed of `frontend(samples)` with two threads, relative to one: {shares}.\n"


def picture(found: dict[str, Any], path: Path) -> None:
    """Draw the times of one thread as bars, one panel for each definition."""
    from matplotlib import pyplot as plt

    rows = [row for row in found["runs"]["one thread"]["rows"] if not row["case"].startswith("one second")]
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
