"""Write the clip, its definition and its features as C++, for a program that runs without Python."""

import ctypes
import sys
from collections.abc import Iterable
from pathlib import Path

import numpy as np

import sonogram as sg
from sonogram.engines.native import lower
from sonogram.engines.plan import plan

# Float32 logarithms of two sums that are rounded in different orders.
BOUND = 2e-4


def array(kind: str, name: str, values: Iterable[float]) -> str:
    """Return the definition of a constant array with the exact values."""
    return f"const {kind} {name}[] = {{{', '.join(float(value).hex() for value in values)}}};"


def assignments(name: str, struct: ctypes.Structure) -> list[str]:
    """Return one assignment for each number that is not zero."""
    fields = [(field[0], getattr(struct, field[0])) for field in struct._fields_]
    return [
        f"  {name}.{field} = {value!r};"
        for field, value in fields
        if isinstance(value, int | float) and value
    ]


def main() -> None:
    """Write the header that the only argument names."""
    frontend = sg.preset("yamnet")
    rate = frontend.sample_rate
    sweep = 0.5 * np.sin(2 * np.pi * (100 + 3000 * np.arange(rate) / rate) * np.arange(rate) / rate)
    samples = (sweep + 0.01 * np.random.default_rng(0).standard_normal(rate)).astype(np.float32)
    features = frontend(samples, "numpy")
    made = plan(frontend)
    definition, (window, bands) = lower.definition(made, "features")
    lines = [
        f"constexpr float BOUND = {BOUND}f;",
        array("float", "samples", samples),
        array("float", "expected", features.ravel()),
        array("double", "window", window),
        array("double", "bands", bands.ravel()),
        "",
        "sonogram_definition make_definition() {",
        "  sonogram_definition definition = {};",
        *assignments("definition", definition),
        "  definition.window = window;",
        "  definition.bands = bands;",
        "  return definition;",
        "}",
        "",
        "sonogram_clips make_clips() {",
        "  sonogram_clips clips = {};",
        "  clips.samples = samples;",
        "  clips.count = 1;",
        f"  clips.stride = clips.available = clips.total = {len(samples)};",
        f"  clips.pad_left = {made.pad_left(len(samples))};",
        f"  clips.num_frames = clips.num_valid = {len(features)};",
        "  return clips;",
        "}",
    ]
    Path(sys.argv[1]).write_text(
        '#include "sonogram_native.h"\n\n' + "\n".join(lines) + "\n", encoding="utf-8"
    )


if __name__ == "__main__":
    main()
