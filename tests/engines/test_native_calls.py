"""Calls of the native engine: every kind of array, threads, forks, pieces of a clip, no library."""

import dataclasses
import multiprocessing
import os
import subprocess
import sys
import threading

import numpy as np
import pytest
import signals
from engine_names import why_not_native

import sonogram as sg
from sonogram.engines import dispatch, native, numpy as numpy_engine
from sonogram.engines.arrays.numpy import NumPy
from sonogram.engines.native import call
from sonogram.engines.native.arrays import NativeArrays
from sonogram.engines.plan import plan
from sonogram.native import library

pytestmark = [
    pytest.mark.skipif(bool(why_not_native()), reason=why_not_native() or "it is here"),
    pytest.mark.usefixtures("isa"),
]

DEFINITION = sg.Frontend(
    16000,
    400,
    160,
    padding=sg.padding.Center(),
    conditioning=sg.conditioning.Conditioning(preemphasis=sg.conditioning.Preemphasis()),
    spectrum=sg.spectrum.Power(),
    bands=sg.bands.Mel(40),
    scaling=sg.scaling.Log(floor=1e-10),
)


def test_every_kind_of_array_gives_the_same_bits() -> None:
    samples = np.round(signals.noise(5000) * 32768).astype(np.int16)
    single = samples.astype(np.float32) / 32768
    want = DEFINITION(single, "native")
    double = np.repeat(single, 2)
    kinds = {
        "float64": single.astype(np.float64),
        "int16": samples,
        "big endian": single.astype(">f4"),
        "long double": single.astype(np.longdouble),
        "every second": double[::2],
        "backwards": single[::-1].copy()[::-1],
        "int16, every second": np.repeat(samples, 2)[1::2],
    }
    read_only = single.copy()
    read_only.flags.writeable = False
    kinds["read only"] = read_only
    kinds["unaligned"] = np.frombuffer(b"x" + single.tobytes(), np.uint8)[1:].view(np.float32)
    for name, kind in kinds.items():
        np.testing.assert_array_equal(DEFINITION(kind, "native"), want, name)


def test_batches_of_every_layout_give_the_same_bits() -> None:
    batch = np.stack([signals.noise(2000, seed) for seed in range(6)]).reshape(2, 3, 2000)
    want = np.stack([[DEFINITION(clip, "native") for clip in row] for row in batch])
    layouts = {
        "plain": batch,
        "Fortran": np.asfortranarray(batch),
        "reversed": batch[::-1].copy()[::-1],
        "a part of a larger one": np.pad(batch, ((0, 0), (0, 0), (7, 9)))[..., 7:-9],
    }
    for name, layout in layouts.items():
        np.testing.assert_array_equal(DEFINITION(layout, "native"), want, name)
    same = np.broadcast_to(batch[0, 0], (4, 2000))
    np.testing.assert_array_equal(DEFINITION(same, "native"), np.stack([want[0, 0]] * 4))
    assert DEFINITION(np.zeros((0, 2000), np.float32), "native").shape == (0, 13, 40)
    assert DEFINITION(np.zeros((3, 0), np.float32), "native").shape == (3, 0, 40)


@pytest.mark.parametrize("poison", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("odd", [False, True])
def test_a_missing_sample_is_missing_in_its_frames_alone(poison: float, odd: bool) -> None:
    definition = dataclasses.replace(
        DEFINITION,
        padding=sg.padding.Valid(),
        fft_length=405 if odd else None,
        conditioning=sg.conditioning.Conditioning(),
    )
    clean = signals.noise(40000)
    broken = clean.copy()
    broken[20000] = poison
    want, got = definition(clean, "native"), definition(broken, "native")
    frame = np.arange(len(want))
    touched = (frame * 160 <= 20000) & (frame * 160 + 400 > 20000)
    assert not np.isfinite(got[touched]).any()
    np.testing.assert_array_equal(got[~touched], want[~touched])
    if np.isnan(poison):
        np.testing.assert_array_equal(np.isnan(definition(broken, "numpy")), np.isnan(got))


STREAMED = (
    DEFINITION,
    sg.Frontend(
        16000,
        400,
        160,
        512,
        conditioning=sg.conditioning.Conditioning(32768, "frame", sg.conditioning.Preemphasis()),
    ),
    sg.Frontend(
        16000,
        31,
        77,
        33,
        conditioning=sg.conditioning.Conditioning(0.3, None, sg.conditioning.Preemphasis(0.9, "clip")),
    ),
    sg.Frontend(16000, 300, 3, 600, padding=sg.padding.Causal()),
)


@pytest.mark.parametrize("definition", STREAMED, ids=repr)
def test_a_frame_has_the_same_bits_wherever_it_is_computed(definition: sg.Frontend) -> None:
    compiled = plan(definition)
    samples = signals.noise(4000 if definition.frame_step < 10 else 60000)
    whole = definition(samples, "native")
    clip = numpy_engine.condition(compiled, samples.astype(np.float64)).astype(np.float32)
    random = np.random.default_rng(3)
    for _ in range(40):
        first = int(random.integers(len(whole)))
        count = int(random.integers(1, min(200, len(whole) - first) + 1))
        begin = max(first * definition.frame_step - compiled.pad_left(len(clip)) - 1, 0)
        edge = definition.padding.mode != "constant"
        base = 0 if edge else begin
        values, _ = native.frames(compiled, clip[base:], first, count, base, len(clip))
        np.testing.assert_array_equal(values, whole[first : first + count])


def test_bits_do_not_depend_on_the_number_of_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    definition = dataclasses.replace(DEFINITION, scaling=sg.scaling.Decibels(dynamic_range=40))
    batch = np.stack([signals.noise(30000, seed) for seed in range(5)])
    results = []
    for threads in (1, 2, 3, 16):
        monkeypatch.setattr(call, "default_threads", lambda threads=threads: threads)
        results.append(definition(batch, "native"))
    for result in results[1:]:
        np.testing.assert_array_equal(result, results[0])


def test_many_python_threads_at_once() -> None:
    clips = [signals.noise(20000 + 1000 * seed, seed) for seed in range(8)]
    want = [DEFINITION(clip, "native") for clip in clips]
    wrong = []

    def work(index: int) -> None:
        for _ in range(20):
            if not np.array_equal(DEFINITION(clips[index], "native"), want[index]):
                wrong.append(index)

    threads = [threading.Thread(target=work, args=(index,)) for index in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def _child(samples: np.ndarray, queue: "multiprocessing.Queue[np.ndarray]") -> None:
    queue.put(DEFINITION(samples, "native"))


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
@pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")
def test_a_forked_child_computes_with_threads_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(call, "default_threads", lambda: 2)
    samples = signals.noise(200_000)
    want = DEFINITION(samples, "native")  # the parent's threads are there
    context = multiprocessing.get_context("fork")
    queue = context.Queue()
    child = context.Process(target=_child, args=(samples, queue))
    child.start()
    got = queue.get(timeout=60)
    child.join(timeout=60)
    np.testing.assert_array_equal(got, want)
    np.testing.assert_array_equal(DEFINITION(samples, "native"), want)


def test_definitions_come_and_go() -> None:
    # More than the cache holds: old ones are released.
    samples = signals.noise(300)
    for length in range(3, 290):
        sg.Frontend(16000, length, 50, length)(samples, "native")
    assert call._program.cache_info().currsize == 256


def test_a_wrong_instruction_set_is_one_clear_error() -> None:
    error = _run("import sonogram.engines.native as n; n.isa()", SONOGRAM_ISA="mmx")
    has = library.library().sonogram_isas().decode()
    assert f"SONOGRAM_ISA must be one of {has} on this processor; got 'mmx'" in error
    error = _run("import sonogram.engines.native.call as c; c.default_threads()", SONOGRAM_THREADS="none")
    assert "SONOGRAM_THREADS must be a whole number of at least 1; got 'none'" in error


def test_the_instruction_set_is_forced_by_the_environment(isa: str) -> None:
    assert _run("import sonogram.engines.native as n; print(n.isa())", SONOGRAM_ISA=isa).strip() == isa


def _run(code: str, **environment: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout + (done.stderr.strip().splitlines() or [""])[-1]


def test_without_the_library_numpy_works_and_says_so_once(monkeypatch: pytest.MonkeyPatch) -> None:
    samples = signals.noise(2000)
    want = DEFINITION(samples, "numpy")
    monkeypatch.setattr(library, "load", lambda: (None, "it was not built"))
    monkeypatch.setattr(native, "load", library.load)
    library.warn_missing.cache_clear()
    with pytest.warns(RuntimeWarning, match=r"without its native engine.*it was not built"):
        got = DEFINITION(samples)
    np.testing.assert_array_equal(got, want)
    DEFINITION(samples)  # a second warning would be an error
    call._program.cache_clear()
    with pytest.raises(sg.SonogramError, match='engine="native" is not available: it was not built'):
        DEFINITION(samples, "native")
    library.warn_missing.cache_clear()


def test_arrays_take_the_native_engine_where_it_is() -> None:
    samples = signals.noise(3000)
    assert dispatch._choose(None, "numpy") == "native"
    np.testing.assert_array_equal(DEFINITION(samples), DEFINITION(samples, "native"))


def cosines(terms: int) -> np.ndarray:
    """A matrix whose columns are symmetric and antisymmetric in turn."""
    count = min(terms, 40)
    return sg.cepstrum.Cepstrum(count, lifter=22).matrix(terms)


def general(terms: int) -> np.ndarray:
    return np.random.default_rng(terms).normal(size=(terms, 5))


@pytest.mark.parametrize("make", [cosines, general])
@pytest.mark.parametrize("terms", [1, 2, 7, 16, 23, 40, 128, 129, 257, 1025])
def test_a_product_is_exact_and_has_the_same_bits_in_any_row(terms, make):
    matrix = make(terms)
    x = np.random.default_rng(terms).normal(size=(2, 67, terms)).astype(np.float32)
    got = NativeArrays().matmul(x, matrix)
    # Each of the products and sums rounds once: half of 2^-23 of its size, like a random walk at most.
    size = np.abs(x).astype(np.float64) @ np.abs(matrix)
    assert (np.abs(got - x.astype(np.float64) @ matrix) <= 2**-22 * np.sqrt(terms + 8) * size).all()
    for rows in (x[:, :0], x[:, 5:6], x[:, 3:40]):
        first = 5 if rows.shape[1] == 1 else 3
        want = got[:, first : first + rows.shape[1]]
        np.testing.assert_array_equal(NativeArrays().matmul(rows, matrix), want)


@pytest.mark.parametrize("initial", [0.3, "first", np.array([1.0, -2, 3, 0])])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_moving_average_has_the_bits_of_the_reference(initial, dtype):
    x = np.random.default_rng(0).normal(size=(2, 50, 4)).astype(dtype)
    x[1, 20, 2] = np.nan
    initial = initial if isinstance(initial, (str, float)) else initial.astype(dtype)
    for values in (x, x[:, :1], x[:, :0], x[:, ::2, ::-1]):
        own = NativeArrays().smooth(values, 0.04, initial)
        assert own.dtype == dtype
        np.testing.assert_array_equal(own, NumPy().smooth(values, 0.04, initial))
