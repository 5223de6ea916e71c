"""The integer front end of TensorFlow Lite Micro, for models that run on microcontrollers."""

from sonogram.micro.definition import GainControl, MicroFrontend, NoiseReduction
from sonogram.micro.stream import MicroStream

__all__ = ["GainControl", "MicroFrontend", "MicroStream", "NoiseReduction"]
