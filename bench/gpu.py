"""Measure log-mel on a GPU: engine `graph`, torchaudio and plain FFT operations. Run: make bench-gpu.

For each library that finds a GPU this prints seconds of audio per second, the share of the memory
bandwidth that reading the samples and writing the features needs, and the largest error of the features
against the float64 reference, in their unit.
"""

from __future__ import annotations

import argparse
import json
import platform
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

import sonogram as sg

sys.path.insert(0, str(Path(__file__).parent))
from definitions import LOG_MEL

CLIPS, SECONDS = 64, 30


@dataclass(frozen=True)
class Row:
    """One measurement."""

    library: str
    method: str
    definition: str
    milliseconds: float
    audio_per_second: float
    bandwidth_share: float
    max_error: float


def main() -> None:
    """Measure with every library that finds a GPU."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    arguments = parser.parse_args()
    devices = {name: device for name, find in FINDERS.items() if (device := find())}
    if not devices:
        print(
            "PyTorch, JAX and TensorFlow find no GPU here: nothing was measured. "
            "Install a build with GPU support."
        )
        return
    rows = []
    for name, device in devices.items():
        print(f"{name} {_version(name)} on {device}, Python {platform.python_version()}", flush=True)
        speed = BANDWIDTHS[name]()
        print(f"  a copy moves {speed / 1e12:.2f} TB/s, counting bytes read and written", flush=True)
        for definition, frontend in LOG_MEL.items():
            rows += [_show(row) for row in _measure(name, definition, frontend, speed)]
    if arguments.json:
        found = {"devices": devices, "rows": [asdict(row) for row in rows]}
        arguments.json.write_text(json.dumps(found, indent=1) + "\n")


def _show(row: Row) -> Row:
    print(
        f"  {row.definition:13} {row.method:22} {row.milliseconds:8.2f} ms"
        f"  {row.audio_per_second:12,.0f} x real time"
        f"  {100 * row.bandwidth_share:5.1f} % of bandwidth  error {row.max_error:.1e}",
        flush=True,
    )
    return row


def _measure(name: str, definition: str, frontend: sg.Frontend, speed: float) -> list[Row]:
    rng = np.random.default_rng(0)
    samples = (0.1 * rng.standard_normal((CLIPS, SECONDS * frontend.sample_rate))).astype(np.float32)
    reference = frontend(samples[:1, : 2 * frontend.sample_rate], "numpy")
    rows = []
    for method, (call, tensor, wait, array) in METHODS[name](frontend, samples).items():
        small = array(call(tensor[:1, : 2 * frontend.sample_rate]))
        error = float(np.abs(small - reference).max()) if small.shape == reference.shape else float("nan")
        seconds = _best(lambda call=call, tensor=tensor, wait=wait: wait(call(tensor)))
        touched = samples.nbytes + CLIPS * frontend.num_frames(samples.shape[1]) * frontend.num_bands * 4
        rows.append(
            Row(
                name,
                method,
                definition,
                1e3 * seconds,
                CLIPS * SECONDS / seconds,
                touched / speed / seconds,
                error,
            )
        )
    return rows


def _best(call: Callable[[], Any], repeats: int = 20) -> float:
    for _ in range(3):
        call()
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return min(times)


def _version(name: str) -> str:
    return str(__import__(name).__version__)


# PyTorch


def _find_torch() -> str | None:
    try:
        import torch
    except ImportError:
        return None
    return torch.cuda.get_device_name(0) if torch.cuda.is_available() else None


def _copy_torch() -> float:
    import torch

    x = torch.empty(1 << 28, device="cuda")
    y = torch.empty_like(x)
    return 2 * x.nbytes / _best(lambda: (y.copy_(x), torch.cuda.synchronize()))


def _methods_torch(frontend: sg.Frontend, samples: np.ndarray) -> dict[str, Any]:
    import torch

    torch.backends.cuda.matmul.allow_tf32 = False
    tensor = torch.from_numpy(samples).cuda()
    bands = torch.from_numpy(frontend.bands.matrix(frontend.sample_rate, frontend.fft_length)).float().cuda()
    window = torch.hann_window(frontend.fft_length, device="cuda")

    def plain(x: Any) -> Any:
        bins = torch.stft(
            x,
            frontend.fft_length,
            frontend.frame_step,
            window=window,
            pad_mode="reflect",
            return_complex=True,
        )
        power = bins.real.square() + bins.imag.square()
        return torch.log(torch.clamp((power.transpose(1, 2) @ bands), min=1e-10))

    methods: dict[str, Any] = {
        "sonogram graph": frontend,
        "sonogram compiled": torch.compile(frontend, dynamic=False),
        "plain torch.stft": plain,
    }
    try:
        import torchaudio

        mel = torchaudio.transforms.MelSpectrogram(
            frontend.sample_rate,
            frontend.fft_length,
            hop_length=frontend.frame_step,
            n_mels=frontend.num_bands,
            norm="slaney",
            mel_scale="slaney",
        ).cuda()
        methods[f"torchaudio {torchaudio.__version__}"] = lambda x: torch.log(
            torch.clamp(mel(x), min=1e-10)
        ).transpose(1, 2)
    except (ImportError, OSError):
        print("  torchaudio is not installed")
    wait = torch.cuda.synchronize
    return {
        name: (call, tensor, lambda _: wait(), lambda y: y.cpu().numpy()) for name, call in methods.items()
    }


# JAX


def _find_jax() -> str | None:
    try:
        import jax
    except ImportError:
        return None
    return jax.devices()[0].device_kind if jax.default_backend() == "gpu" else None


def _copy_jax() -> float:
    import jax
    import jax.numpy as jnp

    x = jnp.zeros(1 << 28, jnp.float32)
    add = jax.jit(lambda x: x + 1)
    return 2 * x.nbytes / _best(lambda: add(x).block_until_ready())


def _methods_jax(frontend: sg.Frontend, samples: np.ndarray) -> dict[str, Any]:
    import jax
    import jax.numpy as jnp

    bands = jnp.asarray(frontend.bands.matrix(frontend.sample_rate, frontend.fft_length), jnp.float32)
    window = jnp.asarray(frontend.window.weights(frontend.fft_length), jnp.float32)

    def plain(x: Any) -> Any:
        half = frontend.fft_length // 2
        x = jnp.pad(x, ((0, 0), (half, half)), mode="reflect")
        count = (x.shape[1] - frontend.fft_length) // frontend.frame_step + 1
        index = jnp.arange(count)[:, None] * frontend.frame_step + jnp.arange(frontend.fft_length)
        bins = jnp.fft.rfft(x[:, index] * window)
        power = bins.real**2 + bins.imag**2
        mel = jnp.matmul(power, bands, precision=jax.lax.Precision.HIGHEST)
        return jnp.log(jnp.maximum(mel, 1e-10))

    tensor = jnp.asarray(samples)
    calls = {"sonogram graph (jit)": jax.jit(frontend), "plain jnp.fft (jit)": jax.jit(plain)}
    return {name: (call, tensor, lambda y: y.block_until_ready(), np.asarray) for name, call in calls.items()}


# TensorFlow


def _find_tensorflow() -> str | None:
    try:
        import tensorflow as tf
    except ImportError:
        return None
    devices = tf.config.list_physical_devices("GPU")
    return tf.config.experimental.get_device_details(devices[0])["device_name"] if devices else None


def _copy_tensorflow() -> float:
    import tensorflow as tf

    x = tf.zeros(1 << 28)
    return 2 * 4 * (1 << 28) / _best(lambda: float((x + 1.0)[0]))


def _methods_tensorflow(frontend: sg.Frontend, samples: np.ndarray) -> dict[str, Any]:
    import tensorflow as tf

    bands = tf.constant(frontend.bands.matrix(frontend.sample_rate, frontend.fft_length), tf.float32)

    def plain(x: Any) -> Any:
        half = frontend.fft_length // 2
        x = tf.pad(x, [[0, 0], [half, half]], "REFLECT")
        bins = tf.signal.stft(x, frontend.fft_length, frontend.frame_step, frontend.fft_length)
        return tf.math.log(tf.maximum(tf.square(tf.abs(bins)) @ bands, 1e-10))

    calls = {
        "sonogram graph": tf.function(frontend),
        "sonogram graph (XLA)": tf.function(frontend, jit_compile=True),
        "plain tf.signal": tf.function(plain),
    }
    tensor = tf.constant(samples)
    return {
        name: (call, tensor, lambda y: float(y[0, 0, 0]), lambda y: y.numpy()) for name, call in calls.items()
    }


FINDERS = {"torch": _find_torch, "jax": _find_jax, "tensorflow": _find_tensorflow}
BANDWIDTHS = {"torch": _copy_torch, "jax": _copy_jax, "tensorflow": _copy_tensorflow}
METHODS = {"torch": _methods_torch, "jax": _methods_jax, "tensorflow": _methods_tensorflow}

if __name__ == "__main__":
    main()
