"""The page and the picture of the bench."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

import sonogram as sg

__all__ = ["operations", "page", "picture"]

_HEAD = """\
# Benchmarks

Written by `make bench`; every number on this page is from one run of it.

{machine}.
{versions}.

Times are microseconds for each frame of five minutes of noise, the best of several rounds in which all
libraries take turns in one process. *Ours* is how many times as long a library takes as `frontend(samples)`.
The error is the largest one against the float64 reference of the definition that the library computes, in
the unit of its features: where a library cannot compute ours, the name says what it computes. librosa
transforms in float64, which its error shows; all others here work in float32. audioflux doubles the power of
its bands once two threads have worked on a long sound: an error of ln 2, which is 6.9e-01.
"""


def page(found: dict[str, Any]) -> str:
    """Returns the page in Markdown."""
    versions = ", ".join(f"{name} {version}" for name, version in found["versions"].items())
    parts = [_HEAD.format(machine=found["machine"], versions=versions)]
    parts.append("![Times of all libraries](images/benchmarks.png)\n")
    for name, run in found["runs"].items():
        parts.append(f"## {name.capitalize()}\n")
        if "two" in name:
            parts.append(f"In this run two threads did {run['scale']:.2f} times the arithmetic of one.\n")
            parts.append(_scaling(found))
        parts += _tables(run["rows"])
        if name == "one thread":
            parts.append(_limit(run))
    return "\n".join(parts)


def operations(frontend: sg.Frontend) -> int:
    """Counts the additions and multiplications that a frame needs, an FFT at `2.5 N log2 N` of them.

    N products with the window, three operations for the power of a bin, two for each weight of a band
    that is not 0, a root at one and a logarithm at twelve.
    """
    size = frontend.fft_length
    bins = size // 2 + 1
    count = frontend.frame_length + 2.5 * size * np.log2(size) + 3 * bins
    if frontend.bands is None:
        return round(count + bins)
    weights = np.count_nonzero(frontend.bands.matrix(frontend.sample_rate, size))
    return round(count + 2 * weights + 12 * frontend.num_bands)


def _limit(run: dict[str, Any]) -> str:
    """How near `frontend(samples)` comes to the arithmetic of one core."""
    lines = [
        "### How near to the limit of one core\n",
        f"A matrix product of 1024 x 1024 in float32 (NumPy's BLAS) reached {run['gigaflops']:.0f} billion "
        "operations a second in this run: what one core does when it does nothing but multiply and add. "
        "An FFT cannot pair each product with a sum and moves its data between passes.\n",
        "| definition | operations a frame | billion a second | share of the matrix product |",
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
        yield f"| library | {'µs a call' if one_call else 'µs a frame'} | ours | largest error |"
        yield "| --- | ---: | ---: | ---: |"
        for row in chosen:
            taken = row["microseconds"] if one_call else row["microseconds_per_frame"]
            error = "-" if row["max_error"] != row["max_error"] else f"{row['max_error']:.1e} {row['unit']}"
            shown = f"{taken:.0f}" if one_call else f"{taken:.2f}"
            yield f"| {row['method']} | {shown} | {row['microseconds'] / ours:.2f} | {error} |"
        yield ""


def _scaling(found: dict[str, Any]) -> str:
    """A line on how `frontend(samples)` itself scaled."""
    one, two = (
        {
            row["case"]: row["microseconds"]
            for row in found["runs"][name]["rows"]
            if row["method"] == "sonogram"
        }
        for name in ("one thread", "two threads")
    )
    shares = ", ".join(f"{case} {one[case] / two[case]:.2f}" for case in two)
    return f"`frontend(samples)` ran this many times as fast as with one: {shares}.\n"


def picture(found: dict[str, Any], path: Path) -> None:
    """Draws the times of one thread as bars, one panel for each definition."""
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
        panel.set_xlabel("microseconds a frame, one thread")
        panel.tick_params(axis="y", labelsize=8)
        panel.margins(x=0.12)
        panel.spines[["top", "right"]].set_visible(False)
    figure.savefig(path, dpi=100)
    plt.close(figure)
