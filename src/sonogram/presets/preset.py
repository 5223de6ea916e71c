"""The record of one preset, and the framing that many presets share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sonogram import checks
from sonogram.bundle import Composite
from sonogram.frontend import Frontend
from sonogram.micro import MicroFrontend
from sonogram.padding import Center
from sonogram.spectrum import Power
from sonogram.windows import Hann

__all__ = ["SPEECH_FRAMES", "Preset", "centered"]

SPEECH_FRAMES: dict[str, Any] = {
    "sample_rate": 16000,
    "frame_length": 400,
    "frame_step": 160,
    "fft_length": 512,
}
"""Windows of 25 ms every 10 ms at 16 kHz, zero-padded to the next power of two: usual for speech."""


@dataclass(frozen=True)
class Preset:
    """A published front end with its origin.

    Example:
        >>> yamnet = sg.presets.describe("yamnet")
        >>> yamnet.group, yamnet.frontend == sg.preset("yamnet")
        ('sound events', True)

    See Also:
        presets.describe: returns it.
    """

    name: str
    """Name, fixed once released."""
    frontend: Frontend | MicroFrontend | Composite
    """Definition, fixed once released."""
    summary: str
    """Description in one line."""
    models: str
    """Models that were trained with these features."""
    source: str
    """Original implementation, with its version, whose numbers the preset reproduces."""
    group: str = ""
    """Field of use, for example "music"."""
    notes: str = ""
    """Steps of the original that are not part of the definition, and how to replace them."""
    int16: bool = False
    """Whether the original reads 16-bit integers; here samples are in [-1, 1] in any case."""
    clip_seconds: float | None = None
    """Length of the training clips in seconds, where the models need clips of one length."""

    def check(
        self, sample_rate: float | None = None, duration: float | None = None
    ) -> tuple[checks.Finding, ...]:
        """Return the findings of `Frontend.check`, and what the models of the preset need.

        Args:
            sample_rate: Sample rate of the recordings, hertz; None is that of the preset.
            duration: Length of one clip, seconds; None leaves out what depends on it.

        Returns:
            Findings (code, severity, message, remedy): errors first, then warnings, then notes.

        Raises:
            DefinitionError: The rate or the duration is not above 0.

        Example:
            >>> findings = sg.presets.describe("whisper-80").check(duration=5)
            >>> [finding.message for finding in findings if finding.code == "clip-length"]
            ['Whisper tiny to large-v2 process clips of 30 s; these have 5 s']

        See Also:
            presets.find: the preset of a definition.
        """
        if isinstance(self.frontend, MicroFrontend):
            return checks.check_micro(self.frontend, sample_rate, duration, published=self)
        frontends = self.frontend.frontends if isinstance(self.frontend, Composite) else (self.frontend,)
        return checks.merge_findings(
            [checks.check(each, sample_rate, duration, published=self) for each in frontends]
        )


def centered(*, sample_rate: float, fft_length: int, frame_step: int, **stages: Any) -> Frontend:
    """Return a front end with the framing of `torch.stft` and `librosa.stft`.

    Hann windows fill the transform, unless `frame_length` is given, and are centered on multiples of the
    step. The spectrum is the power. `stages` are further fields of the definition and replace these.
    """
    defaults: dict[str, Any] = {
        "frame_length": fft_length,
        "padding": Center(),
        "window": Hann(),
        "spectrum": Power(),
    }
    return Frontend(
        sample_rate=sample_rate,
        frame_step=frame_step,
        fft_length=fft_length,
        **(defaults | stages),
    )
