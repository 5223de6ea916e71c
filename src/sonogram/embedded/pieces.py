"""The pieces of a C front end: for each stage of a definition its state, its tables and its functions."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from sonogram.embedded import fft
from sonogram.embedded.literals import number, table
from sonogram.embedded.templates import fill
from sonogram.engines.plan import Plan
from sonogram.matrix import Matrix
from sonogram.normalize import Affine, UnitPeak
from sonogram.scaling import Log, Pcen
from sonogram.spectrum import Magnitude

__all__ = ["Piece", "stages"]


@dataclass(frozen=True)
class Piece:
    """What one stage adds to the C source."""

    code: tuple[str, ...]
    """Tables and functions."""
    step: str = ""
    """Statement that applies the stage to a frame; empty where the stage runs elsewhere."""
    fields: dict[str, str] = field(default_factory=dict)
    """Declarations in the state, each with its comment."""
    constants: dict[str, int] = field(default_factory=dict)


def stages(plan: Plan) -> Iterator[Piece]:
    """Yield the pieces of a definition in the order of its stages, from samples to a row of features."""
    definition = plan.definition
    yield _take(plan)
    yield _load(plan)
    yield _transform(plan)
    yield _power(plan)
    if isinstance(definition.spectrum, Magnitude):
        yield _magnitude(definition.spectrum)
    if plan.bands is not None:
        yield _bands(plan)
    values = "frame" if plan.bands is None else "bands"
    if isinstance(definition.scaling, Log):
        yield _log(definition.scaling, definition.spectrum.db_factor, values)
    elif isinstance(definition.scaling, Pcen):
        yield _pcen(plan, definition.scaling, values)
    if plan.cepstrum is not None:
        yield _cepstrum(plan, values)
        values = "frame"
    if isinstance(definition.normalize, Affine):
        yield _affine(definition.normalize, values)
    elif isinstance(definition.normalize, UnitPeak):
        silence = number(plan.tolerance.absolute)
        yield Piece((fill("unit_peak.c", silence=silence),), f"normalize(state->{values});")


def _lines(lines: list[str], indent: int) -> str:
    return "".join(f"{' ' * indent}{line}\n" for line in lines)


def _take(plan: Plan) -> Piece:
    rule = plan.definition.conditioning
    preemphasis, lines = rule.clip_preemphasis, []
    fields: dict[str, str] = {}
    if preemphasis is not None:
        fields["float previous;"] = "sample before, for the pre-emphasis"
        coefficient = number(preemphasis.coefficient)
        if preemphasis.boundary != "zero":
            fields["int32_t started;"] = "whether there was a sample"
            lines += ["if (!state->started) {", "    state->started = 1;", "    state->previous = sample;"]
            lines += ["    return;", "}"] if preemphasis.boundary == "drop" else ["}"]
        lines += [
            f"const float emphasized = sample - {coefficient} * state->previous;",
            "state->previous = sample;",
            "sample = emphasized;",
        ]
    if rule.scale != 1:
        lines.append(f"sample *= {number(rule.scale)};")
    code = [fill("samples.c"), fill("condition.c", lines=_lines(lines, 4))]
    mode = plan.definition.padding.mode
    if mode != "constant":
        fields["int32_t extended;"] = "whether the mirrored samples before the clip are there"
        before, after = {
            "reflect": ("-position", "2 * total - 2 - position"),
            "symmetric": ("-1 - position", "2 * total - 1 - position"),
        }[mode]
        code.insert(1, fill("mirror.c", before=before, after=after))
    return Piece(tuple(code), fields=fields)


def _load(plan: Plan) -> Piece:
    definition = plan.definition
    rule, cepstrum = definition.conditioning, definition.cepstrum
    before, each, after, fields = "", [], [], {}
    if rule.remove_mean == "frame":
        before += fill("mean.c")
        each.append("x -= mean;")
    if cepstrum is not None and cepstrum.energy:
        fields["float energy;"] = "logarithm of the frame's energy"
        before += "    float energy = 0.0f;\n"
        each.append("energy += x * x;")
        floor = number(cepstrum.energy_floor)
        after.append(f"state->energy = logarithm(energy < {floor} ? {floor} : energy);")
    if rule.frame_preemphasis is not None:
        repeat = rule.frame_preemphasis.boundary == "repeat"
        first = f"state->ring[place]{' - mean' if rule.remove_mean else ''}" if repeat else "0.0f"
        before += f"    float previous = {first};\n"
        each += [
            f"const float emphasized = x - {number(rule.frame_preemphasis.coefficient)} * previous;",
            "previous = x;",
            "x = emphasized;",
        ]
    if plan.frame_length < plan.fft_length or plan.fft_length % 2:
        before += "    for (size_t i = 0; i < FRAME; i++)\n        state->frame[i] = 0.0f;\n"
    code = (
        table("float", "window", plan.window),
        table(_unsigned(_frame_size(plan)), "order", _order(plan)),
        fill("load.c", before=before, each=_lines(each, 8), after=_lines(after, 4)),
    )
    return Piece(code, "load(state);", fields)


def _points(plan: Plan) -> int:
    """Return the number of complex points of the transform: even lengths take two samples in each."""
    return plan.fft_length if plan.fft_length % 2 else plan.fft_length // 2


def _frame_size(plan: Plan) -> int:
    return 2 * _points(plan)


def _order(plan: Plan) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Return the place of each sample under the window in the frame that is transformed."""
    place, sample = 2 * fft.input_order(_points(plan)), np.arange(plan.frame_length)
    return place[sample] if plan.fft_length % 2 else place[sample // 2] + sample % 2


def _unsigned(largest: int) -> str:
    return "uint16_t" if largest < 1 << 16 else "uint32_t"


def _transform(plan: Plan) -> Piece:
    points = _points(plan)
    code = [table("float", "roots", fft.roots(points)), fill("turn.c")]
    calls, span, used = [], 1, 0
    for radix in fft.radices(points):
        calls.append(f"pass_{radix}(frame, {span}, roots{f' + {used}' if used else ''});")
        used += 2 * span * (radix - 1)
        span *= radix
    code += [_pass(radix) for radix in sorted(set(fft.radices(points)))]
    code.append(
        "/* The Fourier transform, in place. */\n"
        f"static void transform(float *frame)\n{{\n{_lines(calls, 4)}}}\n"
    )
    constants = {"POINTS": points, "BINS": plan.num_bins, "FRAME": _frame_size(plan)}
    return Piece(tuple(code), "transform(state->frame);", {}, constants)


def _pass(radix: int) -> str:
    if radix > 5:
        unit = table("float", f"roots_{radix}", fft.roots_of_unity(radix))
        return f"{unit}\n\n{fill('pass_any.c', radix=radix, num_roots=2 * (radix - 1))}"
    others = "bcde"[: radix - 1]
    combine = fill(
        "pass.c",
        radix=radix,
        num_roots=2 * (radix - 1),
        pointers="".join(
            f", *to_{name} = to_{before} + 2 * span" for before, name in zip("abcd", others, strict=False)
        ),
        loads=_lines([f"float {name}[2] = {{to_{name}[0], to_{name}[1]}};" for name in others], 12),
        stores=_lines([f"to_{name}[0] = {name}[0], to_{name}[1] = {name}[1];" for name in "a" + others], 12),
        turns=_lines(
            [f"turn({name}, roots{f' + {2 * i}' if i else ''});" for i, name in enumerate(others)], 16
        ),
        arguments="".join(f", {name}" for name in others),
    )
    return f"{fill(f'pass_{radix}.c')}\n{combine}"


def _power(plan: Plan) -> Piece:
    if plan.fft_length % 2:
        return Piece((fill("power_odd.c"),), "power(state->frame);")
    points = _points(plan)
    middle = fill("power_middle.c") if points % 2 == 0 else ""
    code = (table("float", "real_roots", fft.real_roots(points)), fill("power_even.c", middle=middle))
    return Piece(code, "power(state->frame);")


def _magnitude(rule: Magnitude) -> Piece:
    value = "bins[k]"
    if rule.floor:
        value = f"({value} < {number(rule.floor)} ? {number(rule.floor)} : {value})"
    if rule.epsilon:
        value += f" + {number(rule.epsilon)}"
    return Piece((fill("magnitude.c", value=value),), "magnitude(state->frame);")


def _bands(plan: Plan) -> Piece:
    assert plan.bands is not None
    assert plan.limits is not None
    first, stop = plan.limits.T
    weights = [plan.bands[low:high, band] for band, (low, high) in enumerate(plan.limits)]
    code = (
        table("float", "band_weights", np.concatenate(weights)),
        table(_unsigned(plan.num_bins), "band_first", first),
        table(_unsigned(plan.num_bins), "band_size", stop - first),
        fill("bands.c"),
    )
    return Piece(code, "sum_bands(state->frame, state->bands);", {"float bands[BANDS];": "of one frame"})


def _log(rule: Log, db_factor: float, values: str) -> Piece:
    lines = []
    if rule.zero is not None:
        lines += ["if (x == 0.0f)", f"    x = {number(rule.zero)};"]
    if rule.floor is not None:
        lines += [f"if (x < {number(rule.floor)}) /* NaN stays visible */", f"    x = {number(rule.floor)};"]
    if rule.offset is not None:
        lines.append(f"x += {number(rule.offset)};")
    factor = rule.factor(db_factor)
    result = "logarithm(x)" if factor == 1 else f"{number(factor)} * logarithm(x)"
    if isinstance(rule.reference, (int, float)) and rule.reference != 1:
        result += f" - {number(math.log(rule.reference) * factor)}"
    return Piece((fill("log.c", lines=_lines(lines, 8), result=result),), f"compress(state->{values});")


def _pcen(plan: Plan, rule: Pcen, values: str) -> Piece:
    keep, take = number(1 - rule.smoothing), number(rule.smoothing)
    if rule.initial == "first":
        smoothed = f"state->has_energy ? {keep} * state->smoothed[i] + {take} * x : x"
    else:
        initial = number(float(rule.initial))
        smoothed = f"{keep} * (state->has_energy ? state->smoothed[i] : {initial}) + {take} * x"
    if rule.bias:
        scale = number(rule.bias**rule.power)
        result = f"{scale} * expm1f({number(rule.power)} * log1pf(level / {number(rule.bias)}))"
    else:
        result = f"expf({number(rule.power)} * logarithm(level < 1e-30f ? 1e-30f : level))"
    code = fill(
        "pcen.c", smoothed=smoothed, gain=number(rule.gain), epsilon=number(rule.epsilon), result=result
    )
    fields = {
        "float smoothed[BANDS];": "energy of each band",
        "int32_t has_energy;": "whether there was a frame",
    }
    return Piece((code,), f"compress(state, state->{values});", fields)


def _cepstrum(plan: Plan, values: str) -> Piece:
    assert plan.cepstrum is not None
    assert plan.definition.cepstrum is not None
    step = f"transform_bands(state->{values}, state->frame);"
    if plan.definition.cepstrum.energy:
        step += "\nstate->frame[0] = state->energy;"
    code = (table("float", "cepstrum", plan.cepstrum.T), fill("cepstrum.c"))
    return Piece(code, step, {}, {"COEFFICIENTS": plan.cepstrum.shape[1]})


def _affine(rule: Affine, values: str) -> Piece:
    code, words = [], {}
    for name, constant in (("mean", rule.mean), ("gain", 1 / np.asarray(rule.std))):
        array = np.asarray(constant.values if isinstance(constant, Matrix) else constant)
        words[name] = f"{name}[i]" if array.ndim else number(float(array))
        if array.ndim:
            code.append(table("float", name, array))
    lines = []
    if rule.minimum is not None:
        lines += [f"if (x < {number(rule.minimum)})", f"    x = {number(rule.minimum)};"]
    if rule.maximum is not None:
        lines += [f"if (x > {number(rule.maximum)})", f"    x = {number(rule.maximum)};"]
    code.append(fill("affine.c", lines=_lines(lines, 8), **words))
    return Piece(tuple(code), f"normalize(state->{values});")
