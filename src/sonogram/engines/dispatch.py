"""Which engine computes which samples, and the checks of both."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sonogram.definition import Definition
from sonogram.engines import native, numpy as numpy_engine
from sonogram.engines.arrays import Arrays, library, namespace
from sonogram.engines.arrays.numpy import NumPy
from sonogram.engines.native.arrays import NativeArrays
from sonogram.engines.plan import Plan, plan
from sonogram.engines.samples import check_samples
from sonogram.errors import SonogramError

__all__ = ["ENGINES", "frames_engine", "run", "stft"]

ENGINES = ("numpy", "native", "graph", "portable")


def run(definition: Definition, samples: Any, engine: str | None = None, lengths: Any = None) -> Any:
    """Return the features of samples; see `Frontend.__call__`."""
    samples = check_samples(definition, samples)
    kind = library(samples)
    compiled = _plan(definition)
    if lengths is not None and kind != "numpy":
        _check_lengths(samples.shape, _known_lengths(lengths))
    if kind == "tensorflow" and engine in (None, "native"):
        if compiled.kernels is None and not compiled.is_complex and _takes_op(samples, engine):
            return _op().features(compiled, samples, lengths)
        engine = "graph"
    engine = _choose(engine, kind)
    if kind == "numpy":
        return _arrays(compiled, samples, lengths, engine)
    return _tensors(compiled, namespace(kind, engine == "portable"), samples, lengths, engine)


def stft(definition: Definition, samples: Any) -> Any:
    """Return the complex spectrum of samples; see `Frontend.stft`."""
    samples = check_samples(definition, samples)
    kind = library(samples)
    compiled = plan(definition)
    xp = namespace(kind)
    flat, leading = xp.flatten(samples, 1)
    if kind == "numpy":
        return xp.unflatten(_array_stft(compiled, flat), leading)
    from sonogram.engines import tensor

    return xp.unflatten(tensor.stft(compiled, xp, flat), leading)


def frames_engine(engine: str | None) -> tuple[Any, Any, NumPy]:
    """Return the function `frames` of an engine for streams, the dtype of its samples, and its arrays."""
    engine = _fastest() if engine is None else engine
    if engine == "native":
        return native.frames, np.float32, NativeArrays()
    if engine != "numpy":
        raise SonogramError(f'a stream needs engine="numpy" or "native"; got {engine!r}')
    return numpy_engine.frames, np.float64, NumPy()


_last: tuple[Definition | None, Plan | None] = (None, None)


def _plan(definition: Definition) -> Plan:
    """Return `plan(definition)`; for the same object as in the last call without hashing its fields."""
    global _last  # noqa: PLW0603 - a pair is replaced as a whole, whatever the thread
    known, compiled = _last
    if known is not definition or compiled is None:
        compiled = plan(definition)
        _last = definition, compiled
    return compiled


def _choose(engine: str | None, kind: str) -> str:
    if engine is None:
        return _fastest() if kind == "numpy" else "graph"
    if engine not in ENGINES:
        raise SonogramError(f"engine must be one of {', '.join(ENGINES)}, or None; got {engine!r}")
    return engine


def _op() -> Any:
    """Return the module of TensorFlow's op, which imports TensorFlow."""
    from sonogram.engines.native import op

    return op


def _takes_op(samples: Any, engine: str | None) -> bool:
    """Return whether the op computes a TensorFlow tensor; if not, standard operations do."""
    if engine is None:
        return bool(native.available() and _op().runs_by_default(samples))
    _op().ops()  # raises if engine="native" was passed and there is no op
    return bool(_op().can_run(samples))


def _fastest() -> str:
    """Return the engine for arrays if none was passed."""
    if native.available():
        return "native"
    native.warn_missing()
    return "numpy"


def _arrays(plan: Plan, samples: NDArray[Any], lengths: Any, engine: str) -> NDArray[np.float32]:
    xp = namespace("numpy")
    flat, leading = xp.flatten(samples, 1)
    if lengths is not None:
        lengths = np.asarray(lengths)
        _check_lengths(samples.shape, lengths)
        lengths = lengths.reshape(-1).astype(np.int64)
    if engine == "numpy":
        features = numpy_engine.features(plan, flat, lengths)
    elif engine == "native":
        features = native.features(plan, flat, lengths)
    else:
        features = _through_tensors(plan, flat, lengths, engine)
    result: NDArray[np.float32] = xp.unflatten(features, leading)
    return result


def _known_lengths(lengths: Any) -> NDArray[Any] | None:
    """Return lengths as an array; None for tensors that may not be computed yet."""
    if isinstance(lengths, (np.ndarray, np.generic, int, float)):
        return np.asarray(lengths)
    if isinstance(lengths, (list, tuple)):
        flat = [_known_lengths(each) for each in lengths]
        return np.asarray(lengths) if all(each is not None for each in flat) else None
    # Tensors of the other libraries may be traced, which they do not show.
    return np.asarray(lengths.numpy()) if type(lengths).__name__ == "EagerTensor" else None


def _check_lengths(shape: Sequence[int | None], lengths: NDArray[Any] | None) -> None:
    """Raise `SonogramError` for lengths that do not fit clips of `shape`; an unknown size fits all."""
    if lengths is None:
        return
    *clips, size = shape
    fits = len(lengths.shape) == len(clips) and all(
        known in (None, found) for known, found in zip(clips, lengths.shape, strict=True)
    )
    if not fits or lengths.dtype.kind not in "iu":
        raise SonogramError(
            f"lengths must be whole numbers of shape {tuple(clips)}, one for each clip; "
            f"got {lengths.dtype} of shape {lengths.shape}"
        )
    if lengths.size and (lengths.min() < 0 or (size is not None and lengths.max() > size)):
        raise SonogramError(
            f"lengths must be between 0 and the {'' if size is None else f'{size} '}samples of a clip; "
            f"got {lengths.min()} to {lengths.max()}"
        )


def _through_tensors(plan: Plan, flat: NDArray[Any], lengths: Any, engine: str) -> NDArray[np.float32]:
    """Return the features of arrays from a tensor engine, with the first library that is installed."""
    for kind in ("tensorflow", "jax", "torch"):
        try:
            xp = namespace(kind, engine == "portable")
        except ImportError:
            continue
        samples = xp.tensor(flat if flat.dtype == np.int16 else flat.astype(np.float32))
        return np.asarray(_tensors(plan, xp, samples, lengths, engine))
    raise SonogramError(
        f'engine="{engine}" needs TensorFlow, JAX or PyTorch: pip install "sonogram[tensorflow]"'
    )


def _tensors(plan: Plan, xp: Arrays, samples: Any, lengths: Any, engine: str) -> Any:
    if engine in ("numpy", "native"):
        also = " and tensors of TensorFlow; other" if engine == "native" else ";"
        raise SonogramError(f'engine="{engine}" takes NumPy arrays{also} tensors take "graph" or "portable"')
    from sonogram.engines import tensor

    transform = tensor.products if engine == "portable" else tensor.fft
    if lengths is not None:
        lengths = xp.reshape(xp.integers(lengths, samples), (-1,))
    flat, leading = xp.flatten(samples, 1)
    return xp.unflatten(tensor.features(plan, xp, flat, lengths, transform), leading)


def _array_stft(plan: Plan, flat: NDArray[Any]) -> NDArray[np.complex64]:
    if plan.kernels is None and _fastest() == "native":
        return native.spectrum(plan, flat)
    num_frames = plan.num_frames(plan.num_conditioned(flat.shape[-1]))
    result = np.empty((len(flat), num_frames, plan.num_bins), np.complex64)
    for index, row in enumerate(flat):
        if num_frames:
            clip = numpy_engine.condition(plan, namespace("numpy").samples(row))
            result[index] = numpy_engine.stft(plan, numpy_engine.frame_samples(plan, clip, 0, num_frames))
    return result
