"""Constant clips before a normalization: 0 in every engine, and no clip that varies is taken for one.

The expected values are known without computing: what is constant becomes 0.
"""

import dataclasses

import engine_names
import numpy as np
import pytest
from numpy.typing import NDArray

import sonogram as sg

CONSTANTS = np.float32([0, 1e-3, 0.25, -1 / 32768, 1e-40])  # the last one has no normal float32
LENGTHS = (4003, 3999, 1461, 400)  # 23, 23, 7 and 1 frames, and no multiple of 8
POWER = sg.Frontend(16000, 400, 160, 400, spectrum=sg.spectrum.Power())
MEL = dataclasses.replace(POWER, bands=sg.bands.Mel(20))
SIGNED = sg.bands.Filterbank(sg.Matrix(np.random.default_rng(0).uniform(-0.2, 1, (201, 6))))
# A periodic Hann window leaves an offset in the bins 0 and 1, below 80 Hz.
ABOVE = dataclasses.replace(POWER, bands=sg.bands.Mel(13, 100))
LOG = sg.scaling.Log(floor=1e-10)
BASES = {
    "power": POWER,
    "magnitude": dataclasses.replace(MEL, spectrum=sg.spectrum.Magnitude()),
    "log": dataclasses.replace(MEL, scaling=LOG),
    "offset": dataclasses.replace(MEL, scaling=sg.scaling.Log(10, None, 1e-6, 10)),
    "peak": dataclasses.replace(MEL, scaling=sg.scaling.Decibels(reference="peak", dynamic_range=80)),
    "pcen": dataclasses.replace(MEL, scaling=sg.scaling.Pcen()),
    "cepstrum": dataclasses.replace(MEL, scaling=LOG, cepstrum=sg.cepstrum.Cepstrum(13, lifter=22)),
    "scaled": dataclasses.replace(
        MEL,
        scaling=LOG,
        conditioning=sg.conditioning.Conditioning(32768, "frame", sg.conditioning.Preemphasis()),
    ),
}
BANDS = (
    sg.normalize.Standardize("band"),
    sg.normalize.Standardize("band", 1, 1e-5),
    sg.normalize.Standardize("band", 1, 1e-7, "variance"),
    sg.normalize.RemoveMean(),
)
CLIPS = (sg.normalize.Standardize(), sg.normalize.Standardize(ddof=1, epsilon=1e-5), sg.normalize.MinMax())
FRAMES = (
    sg.normalize.Affine(-4, 2),
    sg.normalize.RunningMean(initial="first"),
    sg.normalize.SlidingMean(5, 2),
    sg.normalize.UnitPeak(),
)
"""These need no other frames than the ones before, so they can be streamed."""
CLIP_RULES = pytest.mark.parametrize("rule", [sg.normalize.Standardize(), sg.normalize.MinMax()], ids=repr)
RULES = pytest.mark.parametrize("rule", [*BANDS, *CLIPS], ids=repr)
EVERY_RULE = pytest.mark.parametrize("rule", [*BANDS, *CLIPS, *FRAMES], ids=repr)


def runs(frontend: sg.Frontend, batch: NDArray[np.float32]) -> dict[str, NDArray[np.float32]]:
    """Return the features of each engine and of TensorFlow's op."""
    import tensorflow as tf

    found = {engine: frontend(batch, engine) for engine in engine_names.present()}
    return found | {"op": np.asarray(frontend(tf.constant(batch)))}


def constant_clips(num_samples: int) -> NDArray[np.float32]:
    return np.repeat(CONSTANTS[:, None], num_samples, axis=1)


@RULES
@pytest.mark.parametrize("base", BASES)
def test_constant_bands_and_silent_clips_become_0(base: str, rule: sg.normalize.Normalize) -> None:
    frontend = dataclasses.replace(BASES[base], normalize=rule)
    silent = slice(None) if rule in BANDS else [0, 4]
    for num_samples in LENGTHS:
        for engine, features in runs(frontend, constant_clips(num_samples)).items():
            if frontend.cepstrum is None or rule in BANDS:
                assert not features[silent].any(), f"{engine}, {num_samples} samples"
            assert np.isfinite(features).all(), f"{engine}, {num_samples} samples"


@EVERY_RULE
@pytest.mark.parametrize("base", BASES)
def test_engines_agree_on_constant_clips(base: str, rule: sg.normalize.Normalize) -> None:
    frontend = dataclasses.replace(BASES[base], normalize=rule)
    found = runs(frontend, constant_clips(1461))
    for engine, features in found.items():
        np.testing.assert_allclose(features, found["numpy"], rtol=1e-3, atol=1e-3, err_msg=engine)


@RULES
@pytest.mark.parametrize(
    "scaling", [None, LOG, sg.scaling.Decibels(reference="peak"), sg.scaling.Pcen()], ids=repr
)
def test_an_offset_outside_the_bands_is_silence(
    scaling: sg.scaling.Scaling | None, rule: sg.normalize.Normalize
) -> None:
    """In float32 rounding error remains of it, which would become as large as sound."""
    frontend = dataclasses.replace(ABOVE, scaling=scaling, normalize=rule)
    for engine, features in runs(frontend, constant_clips(4003)).items():
        assert not features.any(), engine


@pytest.mark.parametrize("base", [base for base in BASES if BASES[base].cepstrum is None])
@RULES
def test_noise_of_denormals_is_silence(base: str, rule: sg.normalize.Normalize) -> None:
    """TensorFlow flushes them to 0, and float32 has no squares of them."""
    noise = np.float32(1e-40) * np.random.default_rng(0).choice(np.float32([-1, 1, 2]), (1, 1461))
    assert noise.any()
    for engine, features in runs(dataclasses.replace(BASES[base], normalize=rule), noise).items():
        assert not features.any(), engine


@pytest.mark.parametrize("base", [MEL, dataclasses.replace(MEL, bands=SIGNED)], ids=["mel", "signed"])
@pytest.mark.parametrize("scaling", [None, LOG, sg.scaling.Log(floor=1e-6)], ids=repr)
@pytest.mark.parametrize("root", [{"epsilon": 1e-6}, {"floor": 1e-6}], ids=str)
@CLIP_RULES
def test_silence_under_a_root_that_is_not_0_has_the_values_of_its_bands(
    root: dict[str, float],
    scaling: sg.scaling.Scaling | None,
    base: sg.Frontend,
    rule: sg.normalize.Normalize,
) -> None:
    """Each bin is then 0.001, and the bands differ by the sums of their weights."""
    frontend = dataclasses.replace(base, spectrum=sg.spectrum.Magnitude(**root), scaling=scaling)
    normalized = dataclasses.replace(frontend, normalize=rule)
    bands = 1e-3 * np.asarray(base.bands.matrix(16000, 400)).sum(axis=0)
    if scaling is not None:
        bands = np.log(np.maximum(bands, scaling.floor))
    least, divisor = bands.min(), bands.max() - bands.min()
    if isinstance(rule, sg.normalize.Standardize):
        least, divisor = bands.mean(), bands.std()
    wanted = (bands - least) / divisor
    for samples in (np.zeros((1, 1461), np.float32), np.full((1, 1461), 1e-12, np.float32)):
        for engine, features in runs(normalized, samples).items():
            np.testing.assert_allclose(features[0], np.tile(wanted, (7, 1)), atol=2e-3, err_msg=engine)


def level_steps(decibels: float) -> NDArray[np.float32]:
    """Return eight frames of a tone, the last four of them louder."""
    tone = 0.1 * np.sin(2 * np.pi * np.arange(3200) / 20)  # whole periods in each frame
    return (tone * np.where(np.arange(3200) < 1600, 1, 10 ** (decibels / 20))).astype(np.float32)


@pytest.mark.parametrize("spectrum", [sg.spectrum.Magnitude(), sg.spectrum.Power()], ids=repr)
@pytest.mark.parametrize("scaling", [None, LOG, sg.scaling.Decibels(reference="peak")], ids=repr)
def test_a_hundredth_of_a_decibel_is_a_variation(
    spectrum: sg.spectrum.Spectrum, scaling: sg.scaling.Scaling | None
) -> None:
    per_band = sg.normalize.Standardize("band")
    base = sg.Frontend(16000, 400, 400, 400, spectrum=spectrum, scaling=scaling, normalize=per_band)
    tone = 20  # the bin of 800 Hz
    for decibels, values in ((0.01, [-1] * 4 + [1] * 4), (-0.01, [1] * 4 + [-1] * 4), (1e-5, [0] * 8)):
        for engine, features in runs(base, level_steps(decibels)).items():
            np.testing.assert_allclose(
                features[:, tone], values, atol=0.02, err_msg=f"{engine}, {decibels} dB"
            )


@pytest.mark.parametrize("engine", engine_names.ALL)
def test_an_offset_with_one_other_sample_is_sound(engine: str) -> None:
    frontend = dataclasses.replace(ABOVE, scaling=LOG)
    samples = np.full(4003, 0.25, np.float32)
    samples[2000] += 1e-4
    plain = frontend(samples, engine).astype(np.float64)
    features = dataclasses.replace(frontend, normalize=sg.normalize.Standardize())(samples, engine)
    np.testing.assert_allclose(features, (plain - plain.mean()) / plain.std(), rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("engine", engine_names.ALL)
def test_the_end_of_an_offset_is_sound(engine: str) -> None:
    """The last frame holds a step to the zeros after the clip, small after pre-emphasis."""
    frontend = sg.preset("parakeet-80")
    samples = np.full(16_000, 0.25, np.float32)
    plain = dataclasses.replace(frontend, normalize=None)(samples, engine).astype(np.float64)[:-1]
    expected = (plain - plain.mean(axis=0)) / (plain.std(axis=0, ddof=1) + 1e-5)
    np.testing.assert_allclose(frontend(samples, engine)[:-1], expected, atol=5e-3)


@pytest.mark.parametrize("engine", engine_names.ALL)
def test_lengths_hide_what_follows_a_constant_clip(engine: str) -> None:
    frontend = dataclasses.replace(ABOVE, scaling=LOG, normalize=sg.normalize.MinMax())
    batch = constant_clips(4003)
    batch[:, 1461:] = np.nan
    batch[2, 1461:] = 0.9
    assert not frontend(batch, engine, lengths=np.full(len(batch), 1461)).any()


@pytest.mark.parametrize("engine", engine_names.ALL)
@pytest.mark.parametrize("value", [np.inf, -np.inf, np.nan])
@RULES
def test_an_invalid_sample_makes_the_clip_nan(
    rule: sg.normalize.Normalize, value: float, engine: str
) -> None:
    batch = np.tile(level_steps(3), (2, 1))
    batch[1, 900] = value
    with np.errstate(all="ignore"):
        features = dataclasses.replace(MEL, scaling=LOG, normalize=rule)(batch, engine)
    assert np.isfinite(features[0]).all()
    assert np.isnan(features[1]).all()


@pytest.mark.parametrize("engine", engine_names.ALL)
@pytest.mark.parametrize("rule", CLIPS, ids=repr)
def test_an_infinite_feature_makes_the_clip_nan(rule: sg.normalize.Normalize, engine: str) -> None:
    frontend = sg.Frontend(16000, 1, 1, 1, window=sg.windows.Rectangular(), normalize=rule)  # |x|
    with np.errstate(all="ignore"):
        assert np.isnan(frontend(np.float32([1, np.inf, 2, 0]), engine)).all()


@pytest.mark.parametrize("engine", [*engine_names.ALL[:1], engine_names.NATIVE])
@pytest.mark.parametrize("base", ["power", "magnitude", "log", "offset", "pcen", "cepstrum", "scaled"])
@pytest.mark.parametrize("rule", FRAMES, ids=repr)
def test_streams_of_constants_are_the_whole(rule: sg.normalize.Normalize, base: str, engine: str) -> None:
    frontend = dataclasses.replace(BASES[base], normalize=rule)
    noise = np.float32(1e-40) * np.random.default_rng(0).choice(np.float32([-1, 1, 2]), (1, 4003))
    invalid = np.tile(level_steps(3), (2, 1))
    invalid[:, 900] = np.nan, np.inf
    for clip in [*constant_clips(4003), *noise, *invalid]:
        stream = sg.Stream(frontend, engine)
        with np.errstate(all="ignore"):
            pieces = [stream.push(piece) for piece in np.array_split(clip, 13)]
            streamed = np.concatenate([*pieces, stream.finish()])
            np.testing.assert_array_equal(streamed, frontend(clip, engine))
