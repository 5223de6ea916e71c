"""What stands around the networks: preparation, the range of features, parts of time."""

import keras
import numpy as np
import pytest

import sonogram as sg
from sonogram.errors import SonogramError
from sonogram.layers import FeatureScaling, MaskedBatchNormalization, MaskedTimePooling, TrimAndNormalize
from sonogram.layers.trimming import trim_silence
from sonogram.models import blocks

RATE = 8000


def word() -> np.ndarray:
    """Half a second of a tone amid a second and a half, with faint noise around it."""
    samples = 1e-4 * np.random.default_rng(0).standard_normal(12_000)
    samples[3200:7200] += 0.25 * np.sin(np.arange(4000) * 0.7)
    return samples.astype(np.float32)


def test_silence_is_trimmed_and_the_level_is_made_equal() -> None:
    samples, lengths = TrimAndNormalize(RATE)([word()[None], np.array([12_000])])
    assert int(lengths[0]) == 4000
    wanted = word()[3200:7200] / np.abs(word()).max()
    np.testing.assert_allclose(np.asarray(samples)[0, :4000], wanted, atol=1e-6)
    assert not np.asarray(samples)[0, 4000:].any()


def test_a_constant_offset_is_no_sound() -> None:
    """As trimmed in the model, so trimmed before augmentation, which keeps 30 ms more at each end."""
    moved = word() + np.float32(0.02)
    _, lengths = TrimAndNormalize(RATE)([moved[None], np.array([12_000])])
    assert int(lengths[0]) == 4000
    np.testing.assert_array_equal(trim_silence(moved, RATE, 40.0, 0.03), moved[3200 - 240 : 7200 + 240])
    np.testing.assert_array_equal(trim_silence(word(), RATE, 40.0, 0.03), word()[3200 - 240 : 7200 + 240])


@pytest.mark.parametrize("offset", [0.1, -0.3, 1e-3])
def test_an_offset_alone_is_silence(offset: float) -> None:
    clip = np.full(4003, offset, np.float32)
    assert trim_silence(clip, RATE, 40.0).shape == clip.shape  # silent clips stay whole
    for size in (4003, 2001):
        _, lengths = TrimAndNormalize(RATE)([clip[None], np.array([size])])
        assert int(lengths[0]) == 0


def test_a_click_behind_the_clip_is_not_heard() -> None:
    padded = np.concatenate([word(), np.ones(500, np.float32)])[None]
    samples, lengths = TrimAndNormalize(RATE)([padded, np.array([12_000])])
    assert int(lengths[0]) == 4000
    assert float(np.abs(samples).max()) == 1


@pytest.mark.parametrize("size", [1, 79, 80, 81, 4000])
def test_short_and_silent_clips_pass(size: int) -> None:
    tone = 0.1 * (-1.0) ** np.arange(size)
    for samples, wanted in ((np.zeros(size), 0), (tone, size if size > 1 else 0)):  # one sample is an offset
        prepared, lengths = TrimAndNormalize(RATE)([samples[None].astype(np.float32), np.array([size])])
        assert np.isfinite(prepared).all()
        assert int(lengths[0]) == wanted


def test_almost_silence_is_not_made_loud() -> None:
    faint = np.tile(np.float32([1e-6, -1e-6]), (1, 400))
    samples, _ = TrimAndNormalize(RATE)([faint, np.array([800])])
    assert float(np.abs(samples).max()) == pytest.approx(1e-2)  # by 80 dB at most


def test_what_is_not_wanted_is_left_out() -> None:
    samples, lengths = TrimAndNormalize(RATE, trim_db=None, peak_normalize=False, pad=10)(
        [word()[None], np.array([12_000])]
    )
    np.testing.assert_array_equal(np.asarray(samples)[0, :12_000], word())
    assert (samples.shape, int(lengths[0])) == ((1, 12_010), 12_000)
    with pytest.raises(SonogramError, match="trim_db must be above 0 dB"):
        TrimAndNormalize(RATE, trim_db=-40)


def test_a_click_shorter_than_a_frame_is_heard() -> None:
    short, empty = 0.5 * np.array([1, -1, 1, -1, 1, -1, 1], np.float32), np.zeros(7, np.float32)
    samples, lengths = TrimAndNormalize(RATE, pad=10)([np.stack([short, empty]), np.array([7, 0])])
    assert np.asarray(lengths).tolist() == [10, 10]
    np.testing.assert_array_equal(np.asarray(samples)[0, :10], [1, -1, 1, -1, 1, -1, 1, 0, 0, 0])


@pytest.mark.parametrize("preset", ["yamnet", "panns-16k", "tf-stft", "keras-melspectrogram"])
def test_the_floor_lies_below_the_peak(preset: str) -> None:
    """Whatever the unit: noise 50 dB down is gone with a range of 40 dB, and is there with one of 80."""
    frontend = sg.preset(preset)
    loud = 0.3 * np.random.default_rng(0).standard_normal(8000)
    samples = np.concatenate([loud, loud * 10 ** (-50 / 20)]).astype(np.float32)
    features = np.asarray(frontend(samples))[None]
    last = features.shape[1] - 5  # in the faint half, and behind what reaches into it
    quarters = slice(features.shape[1] * 3 // 4, last)
    spread = {}
    for reach in (30.0, 110.0):
        scaled, _ = FeatureScaling(frontend, reach)(features)
        faint = np.asarray(scaled)[0, quarters]
        spread[reach] = float(np.median(np.ptp(faint, axis=0)))
    assert spread[30.0] == pytest.approx(0, abs=1e-5)
    assert spread[110.0] > 0.05


def test_gain_changes_no_feature() -> None:
    frontend = sg.preset("panns-16k")
    samples = word()
    first, second = (
        np.asarray(FeatureScaling(frontend)(frontend(gain * samples)[None])[0]) for gain in (1.0, 0.1)
    )
    np.testing.assert_allclose(first, second, atol=2e-3)  # float32 dB, divided by their deviation
    assert abs(first.mean()) < 1e-4
    assert first.std() == pytest.approx(1, abs=1e-3)


def test_rounding_in_silence_is_nothing() -> None:
    frontend = sg.preset("kaldi-fbank-80")
    silent = np.full((1, 7, 80), -15.942385, np.float32)
    silent[0, 3] = np.nextafter(silent[0, 3], np.float32(0))
    scaled, _ = FeatureScaling(frontend)(silent)
    assert not np.asarray(scaled).any()


def test_an_invalid_feature_stays_visible_and_a_small_variation_counts() -> None:
    frontend = sg.preset("kaldi-fbank-80")
    features = np.tile(np.float32(-3), (2, 8, 80))
    features[0, 3, 5] = np.nan
    features[1, 4:] += 0.0023  # 0.01 dB
    scaled = np.asarray(FeatureScaling(frontend)(features)[0])
    assert np.isnan(scaled[0]).all()
    np.testing.assert_allclose(scaled[1], np.repeat([-1, 1], 4)[:, None] * np.ones(80), atol=1e-3)


def test_what_all_frames_have_is_not_seen_by_the_mean_of_bands() -> None:
    rng = np.random.default_rng(0)
    frontend = sg.preset("panns-16k")
    features = rng.normal(-40, 5, size=(1, 30, 64)).astype(np.float32)
    microphone = rng.normal(0, 6, size=64).astype(np.float32)
    moved = features + microphone
    seen = {
        center: [np.asarray(FeatureScaling(frontend, None, center)(x)[0]) for x in (features, moved)]
        for center in ("clip", "band")
    }
    np.testing.assert_allclose(seen["band"][0].mean(axis=1), 0, atol=1e-5)
    # Alike but for the deviation of the clip, which the microphone widens.
    likeness = [float(np.corrcoef(a.ravel(), b.ravel())[0, 1]) for a, b in seen.values()]
    assert likeness[1] > 0.9999
    assert likeness[0] < 0.9


def test_parts_follow_the_clip_not_the_batch() -> None:
    ramp = np.arange(12, dtype=np.float32)[None, :, None]
    valid = np.ones((1, 12), np.float32)
    whole = np.asarray(MaskedTimePooling(3)([ramp, valid]))[0, :, 0]
    assert np.all(np.diff(whole) > 2)
    assert np.asarray(MaskedTimePooling(1)([ramp, valid]))[0, 0, 0] == pytest.approx(5.5)
    padded = np.concatenate([ramp, np.full((1, 20, 1), 9, np.float32)], axis=1)
    valid = np.concatenate([valid, np.zeros((1, 20), np.float32)], axis=1)
    np.testing.assert_allclose(np.asarray(MaskedTimePooling(3)([padded, valid]))[0, :, 0], whole, rtol=1e-6)


@pytest.mark.parametrize("affine", [True, False])
def test_normalization_counts_valid_frames_alone(affine: bool) -> None:
    rng = np.random.default_rng(0)
    values = rng.normal(3, 2, size=(4, 10, 5)).astype(np.float32)
    valid = (np.arange(10) < np.array([[10], [4], [7], [1]])).astype(np.float32)
    layer = MaskedBatchNormalization(epsilon=1e-6, momentum=0.0, center=affine, scale=affine)
    found = np.asarray(layer([values, valid], training=True))
    inside = values[valid > 0]
    wanted = (inside - inside.mean(axis=0)) / inside.std(axis=0)
    np.testing.assert_allclose(found[valid > 0], wanted, atol=1e-4)
    assert not found[valid == 0].any()
    np.testing.assert_allclose(layer.moving_mean, inside.mean(axis=0), rtol=1e-5)
    np.testing.assert_allclose(layer.moving_variance, inside.var(axis=0), rtol=1e-4)


@pytest.mark.parametrize("bands", [8, 5, 1])
def test_bands_can_be_pooled_before_the_normalization(bands: int) -> None:
    """The maximum commutes with what rises, as the normalization and the activation do."""
    rng = np.random.default_rng(0)
    features = rng.normal(size=(2, 9, bands)).astype(np.float32)
    frames = np.array([[1] * 9, [1] * 4 + [0] * 5], np.float32)
    x, valid = keras.Input((None, bands, 1)), keras.Input((None,))
    layer = keras.layers.Conv2D(3, 3, padding="same", use_bias=False)
    early = blocks.conv_pool(x, valid, layer)
    late = blocks.pool(blocks.conv_norm(x, valid, layer), valid)
    model = keras.Model([x, valid], [*early, *late])
    for each in model.layers:
        if isinstance(each, MaskedBatchNormalization):
            each.set_weights([np.full(3, value, np.float32) for value in (0.7, 0.1, -0.2, 1.5)])
    found = [np.asarray(each) for each in model([features[..., None], frames])]
    np.testing.assert_allclose(found[0], found[2], atol=1e-6)
    np.testing.assert_array_equal(found[1], found[3])
    assert found[0].any()
