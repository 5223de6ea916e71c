"""Engines: what executes a definition. All agree; each is for another place."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sonogram.engines import native, numpy as numpy_engine
from sonogram.engines.arrays import Arrays, dtype_name, library, namespace
from sonogram.engines.plan import Plan, plan
from sonogram.errors import SonogramError
from sonogram.frontend import Frontend

__all__ = ["ENGINES", "local", "run", "spectrum"]

ENGINES = ("numpy", "native", "graph", "portable")


def run(frontend: Frontend, samples: Any, engine: str | None = None, lengths: Any = None) -> Any:
    """Compute the features of a definition; see `Frontend.__call__`."""
    samples = _samples(frontend, samples)
    kind = library(samples)
    compiled = _plan(frontend)
    if lengths is not None and kind != "numpy":
        _check_lengths(samples.shape, _known(lengths))
    if kind == "tensorflow" and engine in (None, "native"):
        if _takes_op(samples, engine):
            return _op().features(compiled, samples, lengths)
        engine = "graph"
    engine = _choose(engine, kind)
    if kind == "numpy":
        return _arrays(compiled, samples, lengths, engine)
    return _tensors(compiled, namespace(kind, engine == "portable"), samples, lengths, engine)


def spectrum(frontend: Frontend, samples: Any) -> Any:
    """Compute the complex spectrum of a definition, complex64 `(..., frames, bins)`."""
    samples = _samples(frontend, samples)
    kind = library(samples)
    compiled = plan(frontend)
    if kind == "numpy":
        return _array_spectrum(compiled, samples)
    from sonogram.engines import graph, tensor

    xp = namespace(kind)
    bins = tensor.bins(compiled, xp, _flat(xp, samples), graph.transform)
    return _unflat(xp, samples, bins)


def local(engine: str | None) -> tuple[Any, Any]:
    """Return what computes compressed bands frame by frame, and the precision of the samples it takes."""
    engine = _fastest() if engine is None else engine
    if engine == "native":
        return native.frames, np.float32
    if engine != "numpy":
        raise SonogramError(f'a stream runs on engine="numpy" or "native"; got {engine!r}')
    return numpy_engine.local, np.float64


_last: tuple[Frontend | None, Plan | None] = (None, None)


def _plan(frontend: Frontend) -> Plan:
    """Return `plan(frontend)`; of the definition that was used last without a look at its fields."""
    global _last  # noqa: PLW0603 - a pair is replaced as a whole, whatever the thread
    known, compiled = _last
    if known is not frontend or compiled is None:
        compiled = plan(frontend)
        _last = frontend, compiled
    return compiled


def _choose(engine: str | None, kind: str) -> str:
    if engine is None:
        return _fastest() if kind == "numpy" else "graph"
    if engine not in ENGINES:
        raise SonogramError(f"engine must be one of {', '.join(ENGINES)}, or None; got {engine!r}")
    return engine


def _op() -> Any:
    """Return the room of TensorFlow's op, which imports TensorFlow."""
    from sonogram.engines.native import op

    return op


def _takes_op(samples: Any, engine: str | None) -> bool:
    """Return whether the op computes a tensor of TensorFlow; if not, standard operations do."""
    if engine is None:
        return bool(native.available() and _op().chosen(samples))
    _op().ops()  # where there is no op, what was asked for by name is an error
    return bool(_op().may_run(samples))


def _fastest() -> str:
    """Return the engine for arrays where none was asked for."""
    if native.available():
        return "native"
    native.warn_missing()
    return "numpy"


def _samples(frontend: Frontend, samples: Any) -> Any:
    """Return what holds the samples, checked as far as it can be without computing."""
    if type(samples) is np.ndarray and samples.dtype == np.float32 and samples.ndim:
        return samples  # what is asked for most is answered at once
    if isinstance(samples, tuple) and hasattr(samples, "sample_rate"):
        if samples.sample_rate != frontend.sample_rate:
            raise SonogramError(
                f"this front end is for {frontend.sample_rate} Hz, the audio has {samples.sample_rate} Hz; "
                f"load it with sample_rate={frontend.sample_rate}"
            )
        samples = samples[0]
    if isinstance(samples, Sequence):
        samples = np.asarray(samples)
    library(samples)
    if getattr(samples.shape, "rank", 0) is None:
        raise SonogramError("samples have no known rank: call set_shape first")
    if len(samples.shape) == 0:
        raise SonogramError("samples must be (..., samples); got a single number")
    name = dtype_name(samples)
    if not (name.startswith(("float", "bfloat")) or name == "int16"):
        raise SonogramError(
            f"samples must be floating point in [-1, 1] or 16-bit integers; got {name}: divide by full scale"
        )
    return samples


def _arrays(plan: Plan, samples: NDArray[Any], lengths: Any, engine: str) -> NDArray[np.float32]:
    flat = samples.reshape(_count(samples), samples.shape[-1])
    if lengths is not None:
        lengths = _array_lengths(samples, lengths)
    if engine == "numpy":
        features = numpy_engine.features(plan, flat, lengths)
    elif engine == "native":
        features = native.features(plan, flat, lengths)
    else:
        features = _through_tensors(plan, flat, lengths, engine)
    return features.reshape(*samples.shape[:-1], *features.shape[1:])


def _count(samples: NDArray[Any]) -> int:
    return int(np.prod(samples.shape[:-1]))


def _array_lengths(samples: NDArray[Any], lengths: Any) -> NDArray[np.int64]:
    lengths = np.asarray(lengths)
    _check_lengths(samples.shape, lengths)
    return np.asarray(lengths.reshape(-1), np.int64)


def _known(lengths: Any) -> NDArray[Any] | None:
    """Return the numbers that are given beside a tensor; None where they are still to be computed."""
    if isinstance(lengths, (np.ndarray, np.generic, int, float)):
        return np.asarray(lengths)
    if isinstance(lengths, (list, tuple)):
        flat = [_known(each) for each in lengths]
        return np.asarray(lengths) if all(each is not None for each in flat) else None
    # Tensors of the other libraries may be traced, and do not say so.
    return np.asarray(lengths.numpy()) if type(lengths).__name__ == "EagerTensor" else None


def _check_lengths(shape: Sequence[int | None], lengths: NDArray[Any] | None) -> None:
    """State what is wrong with lengths of clips, `(..., samples)`; sizes that are not known may be any."""
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
            f"lengths must lie between 0 and the {'' if size is None else f'{size} '}samples of a clip; "
            f"got {lengths.min()} to {lengths.max()}"
        )


def _through_tensors(plan: Plan, flat: NDArray[Any], lengths: Any, engine: str) -> NDArray[np.float32]:
    """Arrays through a tensor engine, with the first library that is there."""
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
    from sonogram.engines import graph, portable, tensor

    transform = portable.transform if engine == "portable" else graph.transform
    flat = _flat(xp, samples)
    if lengths is not None:
        lengths = xp.reshape(xp.integers(lengths, samples), (-1,))
    features = tensor.features(plan, xp, flat, lengths, transform)
    return _unflat(xp, samples, features)


def _flat(xp: Arrays, samples: Any) -> Any:
    rank = len(samples.shape)
    if rank == 2:
        return samples
    if rank == 1:
        return xp.expand(samples, 0)
    sizes = [xp.size(samples, axis) for axis in range(-rank, 0)]
    # Where all sizes are known none is left to be guessed: of no samples it could be any.
    count = math.prod(sizes[:-1]) if all(isinstance(size, int) for size in sizes) else -1
    return xp.reshape(samples, (count, sizes[-1]))


def _unflat(xp: Arrays, samples: Any, features: Any) -> Any:
    rank = len(samples.shape)
    if rank == 2:
        return features
    leading = [xp.size(samples, axis) for axis in range(-rank, -1)]
    return xp.reshape(features, (*leading, xp.size(features, -2), xp.size(features, -1)))


def _array_spectrum(plan: Plan, samples: NDArray[Any]) -> NDArray[np.complex64]:
    xp = namespace("numpy")
    flat = samples.reshape(_count(samples), samples.shape[-1])
    num_frames = plan.num_frames(plan.num_conditioned(samples.shape[-1]))
    if _fastest() == "native":
        return native.spectrum(plan, flat).reshape(*samples.shape[:-1], num_frames, plan.num_bins)
    result = np.empty((len(flat), num_frames, plan.num_bins), np.complex64)
    for index, row in enumerate(flat):
        if num_frames:
            clip = numpy_engine.condition(plan, xp.samples(row))
            result[index] = numpy_engine.spectrum(plan, numpy_engine.frames_of(plan, clip, 0, num_frames))
    return result.reshape(*samples.shape[:-1], *result.shape[1:])
