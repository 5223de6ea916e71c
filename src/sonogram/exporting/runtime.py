"""Runs an exported model in its own runtime: a script that does not import sonogram.

    python runtime.py FORMAT MODEL CASES.npz RESULTS.npz

CASES holds `0/samples`, `0/lengths`, `1/samples` and so on; RESULTS holds `0/output` and so on, and
`milliseconds`, the time of the last case on one thread.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import Any

__all__ = ["main"]

Run = Callable[[dict[str, Any]], dict[str, Any]]

_REPEATS = 5


def main(format: str, model: str, cases: str, results: str) -> None:
    """Run all cases and write the outputs."""
    import numpy as np

    runtime = {"saved-model": _saved_model, "litert": _litert, "onnx": _onnx}[format]
    with np.load(cases, allow_pickle=False) as file:
        numbered: dict[int, dict[str, Any]] = {}
        for key in file.files:
            number, _, name = key.partition("/")
            numbered.setdefault(int(number), {})[name] = file[key]
    run = runtime(model)
    outputs = {number: run(case) for number, case in sorted(numbered.items())}
    written: dict[str, Any] = {
        f"{number}/{name}": np.asarray(value)
        for number, case in outputs.items()
        for name, value in case.items()
    }
    last = numbered[max(numbered)]
    np.savez(results, milliseconds=_milliseconds(run, last), **written)


def _milliseconds(run: Run, case: dict[str, Any]) -> float:
    """Return the least time of a few runs: other work of the machine only adds to it."""
    times = []
    for _ in range(_REPEATS):
        start = time.perf_counter()
        run(case)
        times.append(time.perf_counter() - start)
    return 1e3 * min(times)


def _saved_model(model: str) -> Run:
    import tensorflow as tf

    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    loaded = tf.saved_model.load(model)
    serve = loaded.signatures["serving_default"]

    def run(case: dict[str, Any], keep: Any = loaded) -> dict[str, Any]:
        outputs = serve(**{name: tf.constant(value) for name, value in case.items()})
        return {name: value.numpy() for name, value in outputs.items()}

    return run


def _litert(model: str) -> Run:
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(model_path=model, num_threads=1)
    runner = interpreter.get_signature_runner("serving_default")
    return lambda case: dict(runner(**case))


def _onnx(model: str) -> Run:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    names = [output.name for output in session.get_outputs()]
    return lambda case: dict(zip(names, session.run(names, case), strict=True))


if __name__ == "__main__":
    del sys.path[0]  # the folder of this script, whose modules must not hide libraries
    sys.modules["sonogram"] = None  # type: ignore[assignment]  # importing it fails
    main(*sys.argv[1:])
