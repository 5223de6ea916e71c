"""`Frontend`: a definition together with the engines, the inverse and the checks that use it."""

from __future__ import annotations

import dataclasses
from typing import Any

from sonogram import checks, engines, html, inversion
from sonogram.definition import Definition

__all__ = ["Frontend"]


@dataclasses.dataclass(frozen=True, repr=False)
class Frontend(Definition):
    """A front end: turns samples `(..., samples)` into features `(..., frames, bands)`.

    The object is frozen, comparable, plain data. With the four numbers alone it computes the magnitude of
    `tf.signal.stft`. The other fields are stages: each one is an object of the module that is named after
    the field.

    Args:
        sample_rate: Samples per second that the definition is made for, hertz. 16000 covers speech;
            music and animals need 22050 to 48000.
        frame_length: Window length in samples. Longer windows resolve frequency better and time worse:
            20-30 ms is usual for speech, 40-100 ms for music.
        frame_step: Samples from one frame to the next (hop length). A quarter to a half of
            `frame_length` is usual; 10 ms for speech. Half the step doubles the cost of the features
            and of the model that uses them.
        fft_length: Length of the Fourier transform in samples, at least `frame_length`. None is the next
            power of two, the fastest. More adds bins, `fft_length // 2 + 1`, but no resolution.
        padding: What extends a clip beyond its edges, and so the number of frames: `sg.padding`.
            `Center()` agrees with librosa and PyTorch, `Valid()` with TensorFlow and SciPy.
        conditioning: Scale, mean and pre-emphasis of the samples before the window: `sg.conditioning`.
        window: Weights of the samples in one frame: `sg.windows`. `Hann()` suits nearly everything.
        transform: From samples to bins: `sg.transform.Fourier()`, or `ConstantQ(...)` for bins spaced like
            notes.
        spectrum: Real value of each complex bin: `sg.spectrum.Power()` for mel features,
            `Magnitude()` for plain spectrograms.
        bands: Filter bank from bins to bands: `sg.bands.Mel(80)`; None keeps the bins.
        scaling: Compression: `sg.scaling.Log(...)`, `Decibels()` or `Pcen()`; None is linear.
        cepstrum: Cosine transform over the bands, for MFCCs: `sg.cepstrum.Cepstrum()`; None keeps the bands.
        deltas: Derivatives over time, appended to each frame: `sg.deltas.Regression()`; None is none.
        normalize: Normalization of each clip: `sg.normalize`; None leaves the values.
        stack: Neighboring frames concatenated into one: `sg.stack.Stack(4)`; None keeps single frames.

    Raises:
        DefinitionError: A field is invalid, or two fields do not fit together.

    Example:
        >>> frontend = sg.Frontend(16000, 400, 160)
        >>> frontend(np.zeros(16000)).shape
        (98, 257)
        >>> mel = sg.Frontend(
        ...     16000,
        ...     frame_length=400,
        ...     frame_step=160,
        ...     padding=sg.padding.Center(),
        ...     spectrum=sg.spectrum.Power(),
        ...     bands=sg.bands.Mel(80),
        ...     scaling=sg.scaling.Decibels(),
        ... )
        >>> mel(np.zeros(16000)).shape, mel.unit
        ((101, 80), 'dB')

    See Also:
        preset: published front ends by name.
        Stream: the same features from samples that arrive in pieces.
        layers.Spectrogram: the same features inside a Keras model.
    """

    def __call__(self, samples: Any, engine: str | None = None, *, lengths: Any = None) -> Any:
        """Return the features of samples.

        Args:
            samples: `(..., samples)` in [-1, 1], or 16-bit integers: an array, an `Audio`, or a tensor of
                TensorFlow, JAX or PyTorch. An array of 1000 or more clips of at most 16 samples, less than
                a step and than a frame, is refused: it has channels last. A batch of fewer clips that are
                too short for a frame gives 0 frames.
            engine: "numpy", "native", "graph" or "portable"; None chooses by the type of `samples`.
            lengths: Number of valid samples of each clip, `(...)`; None is all. What follows them has no
                effect on the features.

        Returns:
            float32 features, `(..., frames, bands)`, of the library of `samples`; 0 after the valid frames.

        Raises:
            SonogramError: The input does not fit the definition; the message states what to change.

        Example:
            >>> frontend = sg.preset("whisper-80")
            >>> speech = sg.load("examples/speech.wav", frontend.sample_rate)
            >>> frontend(speech).shape
            (490, 80)
            >>> frontend(np.zeros((8, 2, 16000)), lengths=np.full((8, 2), 8000)).shape  # clips, channels
            (8, 2, 100, 80)

        See Also:
            times, frequencies: the axes of the result. stft: the complex spectrum.
        """
        return engines.run(self, samples, engine, lengths)

    def stft(self, samples: Any) -> Any:
        """Return the complex spectrum of samples: their conditioned, windowed Fourier transform.

        Args:
            samples: `(..., samples)`, as for the features.

        Returns:
            complex64, `(..., frames, bins)`, of the library of `samples`. Frames are not stacked.

        Raises:
            SonogramError: The input does not fit the definition; the message states what to change.

        Example:
            >>> sg.Frontend(16000, 400, 160).stft(np.zeros(16000)).shape
            (98, 257)

        See Also:
            istft: the inverse.
        """
        return engines.stft(self, samples)

    def istft(self, spectrum: Any, num_samples: int) -> Any:
        """Return the samples whose `stft` is nearest to `spectrum`: the original ones if it is unchanged.

        Args:
            spectrum: Complex bins, `(..., frames, bins)`.
            num_samples: Length of the result, samples. Those that no window covers are 0.

        Returns:
            float32 samples, `(..., num_samples)`, of the library of `spectrum`.

        Raises:
            SonogramError: The shape does not fit, or `obstacles("invert")` prevents it.

        Example:
            >>> frontend = sg.Frontend(16000, 512, 128, padding=sg.padding.Center())
            >>> samples = np.sin(np.arange(8000) / 9)
            >>> restored = frontend.istft(frontend.stft(samples), 8000)
            >>> float(abs(restored - samples).max()) < 1e-6
            True

        See Also:
            inversion.griffin_lim: samples from features, without phases.
        """
        return inversion.istft(spectrum, self, num_samples)

    def check(
        self, sample_rate: float | None = None, duration: float | None = None
    ) -> tuple[checks.Finding, ...]:
        """Return likely mistakes in the definition, and what its user should know.

        Args:
            sample_rate: Sample rate of the recordings, hertz; None is that of the definition.
            duration: Length of one clip, seconds; None leaves out what depends on it.

        Returns:
            Findings (code, severity, message, remedy): errors first, then warnings, then notes.

        Raises:
            DefinitionError: The rate or the duration is not above 0.

        Example:
            >>> [finding.code for finding in sg.Frontend(16000, 400, 480).check(sample_rate=8000)][:2]
            ['rate-mismatch', 'skipped-samples']

        See Also:
            presets.Preset.check: also compares with what the models of a preset need.
        """
        return checks.check(self, sample_rate, duration)

    def _repr_html_(self) -> str:
        values = {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}
        derived = {
            "features": f"{self.num_bands} values per frame, {self.unit}",
            "frame period": f"{1000 * self.frame_period:.4g} ms",
            "streamable": "yes" if self.streamable else "no",
            "fingerprint": self.fingerprint[:12],
        }
        fields = {name: repr(value) for name, value in values.items() if value is not None}
        return html.table({"Frontend": fields, "derived": derived})
