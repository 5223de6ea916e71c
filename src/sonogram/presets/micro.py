"""Front ends of models for microcontrollers, in integers."""

from __future__ import annotations

from sonogram.micro import MicroFrontend
from sonogram.presets.preset import Preset

__all__ = ["PRESETS"]

_SOURCE = "TensorFlow 2.21, lite/experimental/microfrontend, audio_microfrontend"
_NOTES = (
    "The device has the integers before `scale`: `frontend.integers(samples)`. The 8-bit input of a model is "
    "made from them as its own program does."
)

PRESETS = (
    Preset(
        name="micro-speech",
        frontend=MicroFrontend(frame_step=320, scale=10 / 256),
        summary="Integer log-mel, 40 bands, 30 ms every 20 ms, with noise reduction and gain control",
        models="micro_speech of TensorFlow Lite Micro, speech_commands with preprocess=micro",
        source=f"{_SOURCE} in speech_commands",
        notes=_NOTES,
        int16=True,
    ),
    Preset(
        name="microwakeword",
        frontend=MicroFrontend(),
        summary="Integer log-mel, 40 bands, 30 ms every 10 ms, with noise reduction and gain control",
        models="microWakeWord, wake words on ESPHome",
        source=_SOURCE,
        notes=f"{_NOTES} Its training multiplies by 0.0390625: `.replace(scale=10 / 256)`.",
        int16=True,
    ),
)
