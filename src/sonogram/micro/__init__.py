"""The integer front end of TensorFlow Lite Micro, for models that run on microcontrollers."""

from sonogram.micro.definition import GainControl, NoiseReduction
from sonogram.micro.frontend import MicroFrontend
from sonogram.micro.stream import MicroStream

__all__ = ["GainControl", "MicroFrontend", "MicroStream", "NoiseReduction"]
