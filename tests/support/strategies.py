"""Definitions drawn by hypothesis: every stage, odd lengths, steps longer than frames."""

import hypothesis.strategies as st
import numpy as np

import sonogram as sg

RATES = (8000, 11025, 16000)


def windows() -> st.SearchStrategy[sg.windows.Hann]:
    """Draw a window."""
    symmetry = st.sampled_from(["periodic", "symmetric", "periodic-if-even"])
    norm = st.sampled_from([None, "sum", "energy"])
    shapes = st.sampled_from(
        [
            sg.windows.Hann,
            sg.windows.Hamming,
            sg.windows.Blackman,
            sg.windows.Povey,
            sg.windows.Rectangular,
            sg.windows.Tukey,
        ]
    )
    return st.one_of(
        st.builds(lambda cls, symmetry, norm: cls(symmetry, norm), shapes, symmetry, norm),
        st.builds(lambda beta, norm: sg.windows.Kaiser("symmetric", norm, beta), st.integers(0, 12), norm),
    )


def paddings(fits: bool) -> st.SearchStrategy[sg.padding.Valid]:
    """Draw a padding. Without `fits`, paddings that need a step no longer than the frame are left out."""
    span = st.sampled_from(["window", "fft"])
    mode = st.sampled_from(["constant", "reflect", "symmetric"])
    last = st.sampled_from(["keep", "inside", "drop", "zero"])
    anywhere = [
        st.builds(sg.padding.Valid, span, lookahead=st.integers(0, 2)),
        st.builds(sg.padding.End, span, before=st.sampled_from([0, 7])),
        st.builds(sg.padding.Center, span, mode=mode, last_frame=last),
        st.builds(sg.padding.Same, span),
        st.builds(sg.padding.StepCenter, span, mode=mode),
        st.builds(sg.padding.Causal, span, lookahead=st.integers(0, 2)),
    ]
    return st.one_of(*anywhere, *([st.builds(sg.padding.HalfOverlap, span, mode=mode)] if fits else []))


def conditionings() -> st.SearchStrategy[sg.conditioning.Conditioning]:
    """Draw a conditioning."""
    scale = st.sampled_from([1, 32768])
    coefficient = st.sampled_from([0.5, 0.97])
    frame = st.builds(
        sg.conditioning.Preemphasis, coefficient, st.just("frame"), st.sampled_from(["repeat", "zero"])
    )
    clip = st.builds(
        sg.conditioning.Preemphasis,
        coefficient,
        st.just("clip"),
        st.sampled_from(["repeat", "zero", "reflect", "drop"]),
    )
    return st.one_of(
        st.builds(sg.conditioning.Conditioning, scale, st.sampled_from([None, "clip", "frame"]), st.none()),
        st.builds(sg.conditioning.Conditioning, scale, st.sampled_from([None, "clip", "frame"]), frame),
        st.builds(sg.conditioning.Conditioning, scale, st.sampled_from([None, "clip"]), clip),
    )


def scalings() -> st.SearchStrategy[sg.scaling.Log]:
    """Draw a scaling. Floors are above the noise of float32, or noise would be compared with noise."""
    floor = st.sampled_from([1e-4, 1e-2])
    reference = st.sampled_from([None, 2, "peak"])
    dynamic_range = st.sampled_from([None, 3, 80])
    return st.one_of(
        st.none(),
        st.builds(
            sg.scaling.Log,
            st.sampled_from(["e", 10]),
            floor,
            st.sampled_from([None, 1e-3]),
            st.sampled_from([1, 0.1, 10]),
            reference,
            dynamic_range,
            st.sampled_from([None, 0.5]),
        ),
        st.builds(
            lambda floor, reference, dynamic_range: sg.scaling.Decibels(
                floor=floor, reference=reference, dynamic_range=dynamic_range
            ),
            floor,
            reference,
            dynamic_range,
        ),
        st.builds(
            sg.scaling.Pcen,
            st.sampled_from([0.025, 0.3]),
            gain=st.sampled_from([0.5, 0.98]),
            bias=st.sampled_from([0.5, 2]),
            initial=st.sampled_from(["first", 0, 1]),
        ),
    )


def normalizations(logarithmic: bool) -> st.SearchStrategy[sg.normalize.Affine]:
    """Draw a normalization, or none."""
    standardize = st.builds(
        sg.normalize.Standardize,
        st.sampled_from(["clip", "band"]),
        st.sampled_from([0, 1]),
        st.sampled_from([1e-3, 1e-5]),
        st.sampled_from(["std", "variance"]),
    )
    # Subtracting a mean from linear values would cancel the digits of the small ones.
    mean = st.sampled_from([0, -4]) if logarithmic else st.just(0)
    limit = st.sampled_from([None, 0.25])
    affine = st.builds(sg.normalize.Affine, mean, st.sampled_from([1, 4.5]), limit)
    sliding = st.builds(sg.normalize.SlidingMean, st.integers(3, 9), st.integers(1, 4))
    running = st.builds(sg.normalize.RunningMean, st.just(0.1), st.sampled_from([0, "first"]))
    choices = [st.none(), affine, st.builds(sg.normalize.MinMax)]
    remove_mean = st.builds(sg.normalize.RemoveMean, st.sampled_from(["clip", "band"]))
    if logarithmic:
        return st.one_of(*choices, standardize, remove_mean, sliding, running)
    return st.one_of(*choices, st.builds(sg.normalize.UnitPeak))


@st.composite
def bands_of_bins(
    draw: st.DrawFn, kind: type[sg.bands.Bands], sample_rate: int, num_bins: int
) -> sg.bands.Bands:
    """Draw bands that are no mel bands."""
    if kind is sg.bands.Linear:
        return kind(draw(st.integers(2, 12)), draw(st.sampled_from([0, 60])))
    if kind is sg.bands.Bins:
        start = draw(st.integers(0, num_bins - 1))
        return kind(start, draw(st.integers(start + 1, num_bins)))
    if kind is sg.bands.Rectangles:
        edges = np.array([0, 0.1, 0.3, 0.4]) * sample_rate
        return kind(sg.Matrix(edges), draw(st.sampled_from(["sum", "mean"])))
    return kind(draw(st.sampled_from([12, 24])))


@st.composite
def bands(draw: st.DrawFn, sample_rate: int, num_bins: int) -> sg.bands.Bands | None:
    """Draw bands, or none."""
    mel = [sg.bands.Mel, sg.bands.HtkMel, sg.bands.SymmetricMel]
    others = [sg.bands.Linear, sg.bands.Bins, sg.bands.Rectangles, sg.bands.Chroma]
    kind = draw(st.sampled_from([None, *mel, sg.bands.Filterbank, *others]))
    if kind is None:
        return None
    if kind in others:
        return draw(bands_of_bins(kind, sample_rate, num_bins))
    if kind is sg.bands.Filterbank:
        weights = np.random.default_rng(draw(st.integers(0, 9))).random((num_bins, 5))
        return sg.bands.Filterbank(sg.Matrix(weights))
    return kind(
        draw(st.integers(2, 12)),
        draw(st.sampled_from([0, 60])),
        draw(st.sampled_from([None, sample_rate / 2 - 300])),
        mel_scale=draw(st.sampled_from(["htk", "slaney"])),
        norm=draw(st.sampled_from([None, "slaney"])),
        **({} if kind is sg.bands.SymmetricMel else {"slopes": draw(st.sampled_from(["hertz", "mel"]))}),
    )


@st.composite
def definitions(draw: st.DrawFn) -> sg.Frontend:
    """Draw a front end with frames of up to 100 samples, quick to compute."""
    sample_rate = draw(st.sampled_from(RATES))
    frame_length = draw(st.integers(5, 100))
    frame_step = draw(st.integers(1, 120))
    fft_length = draw(st.sampled_from([None, frame_length, frame_length + 1, 2 * frame_length + 3]))
    num_bins = (fft_length or 1 << (frame_length - 1).bit_length()) // 2 + 1
    chosen = draw(bands(sample_rate, num_bins))
    scaling = draw(scalings())
    logarithmic = isinstance(scaling, sg.scaling.Log)
    channels = num_bins if chosen is None else chosen.matrix(sample_rate, 2 * num_bins - 2).shape[1]
    cepstrum = None
    if logarithmic and draw(st.booleans()):
        cepstrum = sg.cepstrum.Cepstrum(
            draw(st.integers(1, min(channels, 8))),
            draw(st.sampled_from(["ortho", "htk"])),
            draw(st.sampled_from([None, 22])),
            draw(st.sampled_from([None, "replace"])),
        )
    deltas = None
    if cepstrum is not None:
        choices = [None, sg.deltas.Regression(), sg.deltas.Difference(1), sg.deltas.SavitzkyGolay(2, 5)]
        deltas = draw(st.sampled_from(choices))
    return sg.Frontend(
        sample_rate,
        frame_length,
        frame_step,
        fft_length,
        padding=draw(paddings(frame_step <= frame_length)),
        conditioning=draw(conditionings()),
        window=draw(windows()),
        spectrum=draw(
            st.sampled_from(
                [
                    sg.spectrum.Magnitude(),
                    sg.spectrum.Magnitude(1e-6),
                    sg.spectrum.Magnitude(0, 1e-6),
                    sg.spectrum.Power(),
                    sg.spectrum.Density(),
                ]
            )
        ),
        bands=chosen,
        scaling=scaling,
        cepstrum=cepstrum,
        deltas=deltas,
        normalize=draw(normalizations(logarithmic)),
        stack=draw(
            st.sampled_from(
                [
                    None,
                    None,
                    sg.stack.Stack(2),
                    sg.stack.Stack(3),
                    sg.stack.Stack(2, "pad"),
                    sg.stack.Stack(1),
                    sg.stack.Stack(3, "pad", 1, 1),
                    sg.stack.Stack(4, "pad", 3, 2, "repeat"),
                    sg.stack.Stack(3, "drop", 2, 1, "repeat", "bands"),
                ]
            )
        ),
    )
