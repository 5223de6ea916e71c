"""The C source of a front end, put together from the pieces of its stages."""

from __future__ import annotations

import re

from sonogram import __version__
from sonogram.definition import Definition
from sonogram.embedded.pieces import Piece, stages
from sonogram.embedded.templates import fill
from sonogram.engines.plan import Plan, plan

__all__ = ["header", "source"]

_WAIT = """\
    if (!state->extended) {
        if (state->total <= PAD_LEFT)
            return NULL; /* the samples mirrored before the clip are not all there */
        extend_beginning(state);
    }
"""
_EXTEND = """\
    if (!state->extended)
        extend_beginning(state);
"""
_STREAM = {
    "float ring[RING];": "the latest samples",
    "float frame[FRAME];": "the samples under the window, then their bins",
    "int32_t next;": "place in the ring of the next sample",
    "int32_t total;": "samples so far, RING at most",
    "int32_t lag;": "samples since the beginning of the next frame",
    "int32_t after;": "samples added after the end of the clip",
}
_COMMENTS = {
    "RING": "samples that later frames need",
    "PAD_LEFT": "samples before the clip that the first window covers",
    "READY": "samples from the beginning of a frame after which it is complete",
    "COUNTED": "those after which it counts as a frame of the clip",
    "POINTS": "complex points of the transform",
    "FRAME": "floats in the frame that is transformed",
    "BINS": "bins of the spectrum",
    "BANDS": "values before the cepstrum",
    "COEFFICIENTS": "of the cepstrum",
    "ROW": "values that are normalized",
}


def header(definition: Definition, title: str) -> str:
    """Return `frontend.h`: sizes of the definition, the state, and the functions."""
    lowered = plan(definition)
    constants = _constants(lowered)
    fields = {name: comment for piece in stages(lowered) for name, comment in piece.fields.items()}
    declared = [
        f"    {re.sub(r'[A-Z]{3,}', lambda found: str(constants[found[0]]), name)} /* {comment} */"
        for name, comment in {**_STREAM, **fields}.items()
    ]
    return fill(
        "frontend.h.in",
        title=title,
        version=__version__,
        fingerprint=definition.fingerprint,
        sample_rate=f"{definition.sample_rate:g}",
        frame_length=definition.frame_length,
        frame_step=definition.frame_step,
        fft_length=definition.fft_size,
        num_bands=definition.num_bands,
        fields="\n".join(declared),
    )


def source(definition: Definition, title: str) -> str:
    """Return `frontend.c`: the tables and functions of the definition."""
    lowered = plan(definition)
    pieces = list(stages(lowered))
    functions = [code for piece in pieces for code in piece.code]
    functions += [_compute(pieces, lowered), _stream(lowered)]
    if any("logarithm(" in code for code in functions):
        functions.insert(0, fill("logarithm.c"))
    constants = (
        f"    {name} = {value}, /* {_COMMENTS[name]} */" for name, value in _constants(lowered).items()
    )
    text = "\n\n".join(each.rstrip("\n") for each in functions)
    return fill(
        "frontend.c",
        title=title,
        version=__version__,
        includes=_includes(text),
        constants="\n".join(constants),
        functions=text,
    )


def _includes(text: str) -> str:
    used = {
        "float.h": "FLT_MAX",
        "math.h": ("INFINITY", "sqrtf(", "expf("),
        "string.h": "memcpy(",
    }
    names = [
        name
        for name, words in used.items()
        if any(w in text for w in ([words] if isinstance(words, str) else words))
    ]
    return "".join(f"#include <{name}>\n" for name in names)


def _constants(lowered: Plan) -> dict[str, int]:
    definition = lowered.definition
    length, step = lowered.frame_length, lowered.frame_step
    pad_left = int(lowered.pad_left(0))
    counted = step - definition.padding.added(lowered.span, step) + pad_left
    if definition.padding.last_frame == "zero":
        counted += step
    ready = max(length, counted)
    # A mirror at either end needs as many samples inside the clip as it adds outside of it.
    mirrored = definition.padding.mode != "constant"
    ring = max(ready, 2 * pad_left + 1, 2 * (length - counted)) if mirrored else ready
    constants = {"RING": ring, "PAD_LEFT": pad_left, "READY": ready, "COUNTED": counted}
    for piece in stages(lowered):
        constants |= piece.constants
    constants["BANDS"] = lowered.num_filters
    constants["ROW"] = definition.num_bands // definition.stack_size
    return constants


def _compute(pieces: list[Piece], lowered: Plan) -> str:
    steps = "\n".join(piece.step for piece in pieces if piece.step)
    lines = "".join(f"    {line}\n" for line in steps.split("\n"))
    return fill("frame.c", steps=lines, result=_result(lowered))


def _result(lowered: Plan) -> str:
    return "bands" if lowered.bands is not None and lowered.cepstrum is None else "frame"


def _stream(lowered: Plan) -> str:
    mirrored = lowered.definition.padding.mode != "constant"
    zero_last = lowered.definition.padding.last_frame == "zero"
    last_row = fill("zero_last.c", result=_result(lowered)) if zero_last else ""
    return last_row + fill(
        "stream.c",
        wait=_WAIT if mirrored else "",
        end="last_row(state)" if zero_last else "NULL",
        extend=_EXTEND if mirrored else "",
        beyond="mirrored(state, state->total + state->after)" if mirrored else "0.0f",
    )
