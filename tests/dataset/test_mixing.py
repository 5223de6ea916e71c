"""Mixed scenes: events are exactly where the manifest states, groups are kept apart, jobs continue."""

import json
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

import sonogram as sg
from sonogram.dataset import Clip, Clips, DatasetReport, clips, mix
from sonogram.errors import SonogramError

RATE = 8000
TONES = {"high": 3000.0, "low": 500.0, "middle": 1500.0}


@pytest.fixture(scope="module")
def tones(tmp_path_factory: pytest.TempPathFactory) -> Clips:
    """Return tones of 0.4 s with silence around, of three labels and four groups."""
    folder = tmp_path_factory.mktemp("tones")
    found = []
    for group in range(4):
        for label, hertz in TONES.items():
            samples = np.zeros(RATE)
            samples[2000:5200] = 0.2 * np.sin(2 * np.pi * (hertz + 20 * group) * np.arange(3200) / RATE)
            path = folder / f"{label}-{group}.wav"
            sg.save(path, samples, RATE)
            found.append(Clip(str(path), label, f"voice-{group}"))
    return Clips(found)


SETTINGS = {
    "count": 6,
    "seconds": 4.0,
    "snr": (10.0, 20.0),
    "sample_rate": RATE,
    "parts": 2,
    "events": (2, 4),
}


def test_events_are_exactly_where_the_manifest_states(tones: Clips, tmp_path: Path) -> None:
    scenes = mix(tones, tmp_path / "scenes", **{**SETTINGS, "overlap": 1})
    assert clips(tmp_path / "scenes").paths == scenes.paths
    for scene in clips(tmp_path / "scenes"):
        samples = sg.load(scene.path).samples
        power = np.add.reduceat(samples.astype(float) ** 2, np.arange(0, len(samples), 80)) / 80
        active = np.zeros(len(power), bool)
        assert scene.events
        for start, end, _ in scene.events:
            assert end - start == pytest.approx(0.4, abs=0.011)
            active[round(start * 100) + 1 : round(end * 100) - 1] = True
        # The noise has a standard deviation of 0.01, and the weakest event ten times its power.
        assert power[active].min() > 4 * 0.01**2
        quiet = np.convolve(active, np.ones(5), "same") == 0
        assert power[quiet].max() < 4 * 0.01**2


def test_the_level_above_the_noise_is_as_asked(tones: Clips, tmp_path: Path) -> None:
    scenes = mix(tones, tmp_path / "scenes", **{**SETTINGS, "snr": (15.0, 15.0), "events": (1, 1)})
    for scene in scenes:
        samples = sg.load(scene.path).samples.astype(float)
        [(start, end, _)] = scene.events or ()
        inside = samples[round(start * RATE) : round(end * RATE)]
        outside = np.concatenate([samples[: round(start * RATE)], samples[round(end * RATE) :]])
        ratio = (np.mean(inside**2) - np.mean(outside**2)) / np.mean(outside**2)
        assert 10 * np.log10(ratio) == pytest.approx(15, abs=1)


def test_no_group_of_clips_is_in_two_groups_of_scenes(tones: Clips, tmp_path: Path) -> None:
    scenes = mix(tones, tmp_path / "scenes", **{**SETTINGS, "count": 12})
    record = json.loads((tmp_path / "scenes" / "mix.json").read_text())
    voices = [{Path(path).stem[-1] for path in paths} for _, paths, _ in record["sources"]]
    assert scenes.groups == {"part-1", "part-2"}
    assert [len(each) for each in voices] == [2, 2]
    assert not voices[0] & voices[1]


def test_scenes_of_a_split_have_clips_of_it(tones: Clips, tmp_path: Path) -> None:
    whole = Clips(clip._replace(split="test" if clip.group == "voice-3" else "train") for clip in tones)
    scenes = mix(whole, tmp_path / "scenes", **{**SETTINGS, "count": 12})
    assert {(clip.split, clip.group) for clip in scenes} >= {
        ("test", "test-part-1"),
        ("train", "train-part-1"),
    }
    record = json.loads((tmp_path / "scenes" / "mix.json").read_text())
    for name, paths, _ in record["sources"]:
        assert {Path(path).stem[-1] == "3" for path in paths} == {name == "test-part-1"}


def test_overlap_is_limited_and_a_label_never_touches_itself(tones: Clips, tmp_path: Path) -> None:
    scenes = mix(tones, tmp_path / "scenes", **{**SETTINGS, "events": (8, 8), "overlap": 2})
    most = 0
    for scene in scenes:
        events = scene.events or ()
        for one, other in combinations(events, 2):
            assert one.label != other.label or one.end < other.start or other.end < one.start
        most = max(most, *(sum(each.start <= one.start < each.end for each in events) for one in events))
    assert most == 2


def test_events_that_do_not_fit_are_counted(tones: Clips, tmp_path: Path) -> None:
    with pytest.warns(UserWarning, match="6 of 6 scenes have fewer than 20 events, since more do not fit"):
        mix(tones, tmp_path / "scenes", **{**SETTINGS, "events": (20, 20), "overlap": 1})


def test_an_interrupted_job_continues_with_the_same_scenes(tones: Clips, tmp_path: Path) -> None:
    mix(tones, tmp_path / "whole", **SETTINGS)

    class StopError(Exception):
        pass

    def stop(done: int, _: int) -> None:
        if done == 3:
            raise StopError

    with pytest.raises(StopError):
        mix(tones, tmp_path / "scenes", on_progress=stop, **SETTINGS)
    assert not (tmp_path / "scenes" / "manifest.csv").exists()
    kept = (tmp_path / "scenes" / "scene-00000.wav").stat()
    mix(tones, tmp_path / "scenes", **SETTINGS)
    assert (tmp_path / "scenes" / "scene-00000.wav").stat().st_mtime_ns == kept.st_mtime_ns
    for path in sorted((tmp_path / "whole").glob("*.wav")):
        again = sg.load(tmp_path / "scenes" / path.name).samples
        np.testing.assert_array_equal(again, sg.load(path).samples)
    texts = [(tmp_path / name / "manifest.csv").read_text() for name in ("whole", "scenes")]
    assert texts[0] == texts[1]
    with pytest.raises(SonogramError, match="has scenes of other settings"):
        mix(tones, tmp_path / "scenes", **{**SETTINGS, "seed": 1})


def test_noise_comes_from_recordings(tones: Clips, tmp_path: Path) -> None:
    sg.save(tmp_path / "hum.wav", 0.5 * np.sin(2 * np.pi * 200 * np.arange(4000) / RATE), RATE)
    [scene] = mix(
        tones, tmp_path / "scenes", noise=[tmp_path / "hum.wav"], **{**SETTINGS, "count": 1, "events": (0, 0)}
    )
    spectrum = np.abs(np.fft.rfft(sg.load(scene.path).samples))
    assert spectrum.argmax() == 800  # 200 Hz in 4 s
    assert spectrum[800] > 100 * np.delete(spectrum, range(795, 806)).max()
    sg.save(tmp_path / "silence.wav", np.zeros(4000), RATE)
    with pytest.raises(SonogramError, match=r"silence\.wav: the noise is silent"):
        mix(tones, tmp_path / "other", noise=[tmp_path / "silence.wav"], **SETTINGS)


def test_a_silent_section_of_a_recording_is_no_noise(tones: Clips, tmp_path: Path) -> None:
    """A minute of silence, of a constant at the end, in which half a second is a hum."""
    whole = np.full(60 * RATE, 0.5)
    whole[: 30 * RATE] = 0
    whole[200_000:204_000] += 0.1 * np.sin(2 * np.pi * 200 * np.arange(4000) / RATE)
    sg.save(tmp_path / "rare.wav", whole, RATE)
    settings = {**SETTINGS, "count": 3, "events": (0, 0)}
    for scene in mix(tones, tmp_path / "scenes", noise=[tmp_path / "rare.wav"], **settings):
        samples = sg.load(scene.path).samples.astype(float)
        assert samples.std() == pytest.approx(0.01, rel=0.02)
        assert abs(samples.mean()) < 1e-4
    sg.save(tmp_path / "constant.wav", np.full(4 * RATE, 0.5), RATE)
    with pytest.raises(SonogramError, match=r"constant\.wav: the noise is silent"):
        mix(tones, tmp_path / "other", noise=[tmp_path / "constant.wav"], **settings)


def test_a_clip_without_a_sound_is_refused(tmp_path: Path) -> None:
    click = np.zeros(800)
    click[0] = 0.5
    for name, samples, problem in (
        ("constant", np.full(800, 0.5), "the clip is silent"),
        ("click", click, "nothing of the clip is left"),
    ):
        sg.save(tmp_path / f"{name}.wav", samples, RATE)
        with pytest.raises(SonogramError, match=problem):
            mix(Clips([Clip(str(tmp_path / f"{name}.wav"), "dog")]), tmp_path / "scenes", **SETTINGS)


@pytest.mark.parametrize("change", ["label", "clip", "noise"])
def test_scenes_of_other_clips_are_kept(tones: Clips, tmp_path: Path, change: str) -> None:
    settings = {**SETTINGS, "parts": 1}  # otherwise another label changes which groups are in a part
    noise, clip = tmp_path / "hum.wav", tmp_path / "clip.wav"
    sg.save(noise, 0.5 * np.sin(np.arange(4000)), RATE)
    clip.write_bytes(Path(tones[0].path).read_bytes())
    whole = Clips([tones[0]._replace(path=str(clip)), *tones[1:]])
    mix(whole, tmp_path / "scenes", noise=[noise], **settings)
    before = (tmp_path / "scenes" / "manifest.csv").read_bytes()
    mix(whole, tmp_path / "scenes", noise=[noise], **settings)
    if change == "label":
        whole = Clips([whole[0]._replace(label="whistle"), *whole[1:]])
    else:
        path = clip if change == "clip" else noise
        sg.save(path, 0.3 * np.sin(np.arange(8000)), RATE)
    with pytest.raises(SonogramError, match="has scenes of other settings or clips"):
        mix(whole, tmp_path / "scenes", noise=[noise], **settings)
    assert (tmp_path / "scenes" / "manifest.csv").read_bytes() == before


def test_numbers_of_numpy_are_settings(tones: Clips, tmp_path: Path) -> None:
    mix(tones, tmp_path / "scenes", **SETTINGS)
    others = {"count": np.int64(6), "seconds": 4, "snr": np.array([10, 20]), "events": [2, 4]}
    mix(tones, tmp_path / "scenes", **{**SETTINGS, **others})  # the same record


def test_unreadable_clips_are_reported_and_left_out(tones: Clips, tmp_path: Path) -> None:
    (tmp_path / "broken.wav").write_bytes(b"RIFF")
    sg.save(tmp_path / "silent.wav", np.zeros(800), RATE)
    more = [Clip(str(tmp_path / name), "noise", "voice-0") for name in ("broken.wav", "silent.wav")]
    problems: list[str] = []
    scenes = mix(
        Clips([*tones, *more]), tmp_path / "scenes", report=DatasetReport(problems.append), **SETTINGS
    )
    assert scenes.classes == ("high", "low", "middle")
    assert [Path(problem.split(":")[0]).name for problem in problems] == ["broken.wav", "silent.wav"]


@pytest.mark.parametrize(
    ("setting", "problem"),
    [
        ({"count": 0}, "count must be a whole number, at least 1; got 0"),
        ({"count": 2.5}, "count must be a whole number, at least 1; got 2.5"),
        ({"count": True}, "count must be a whole number"),
        ({"seed": -1}, "seed must be a whole number, at least 0; got -1"),
        ({"overlap": 1.5}, "overlap must be a whole number, at least 1; got 1.5"),
        ({"parts": "5"}, "parts must be a whole number, at least 1; got '5'"),
        (
            {"events": (3, 2)},
            r"events must be the fewest and the most, two whole numbers from 0; got \(3, 2\)",
        ),
        ({"events": (1.5, 2.5)}, r"events must be .* whole numbers from 0; got \(1.5, 2.5\)"),
        ({"events": ("1", "2")}, r"events must be .*; got \('1', '2'\)"),
        ({"events": (1, 2, 3)}, r"events must be .*; got \(1, 2, 3\)"),
        ({"events": "12"}, "events must be .*; got '12'"),
        ({"snr": 5}, "snr must be the lowest and the highest, two numbers .*; got 5"),
        ({"trim": float("nan")}, "trim must be above 0 dB"),
        ({"snr": (9, 1)}, "snr must be the lowest and the highest"),
        ({"snr": (1000, 1000)}, "snr must be the lowest and the highest, two numbers from -200 to 200 dB"),
        ({"seconds": 0}, "seconds must be from 0.01 to 86400 s; got 0"),
        ({"seconds": 0.0001}, "seconds must be from 0.01 to 86400 s; got 0.0001"),
        ({"seconds": float("inf")}, "seconds must be from 0.01 to 86400 s; got inf"),
    ],
)
def test_invalid_settings_are_refused(setting: dict[str, object], problem: str, tmp_path: Path) -> None:
    with pytest.raises(SonogramError, match=problem):
        mix(tmp_path, tmp_path / "scenes", **setting)


def test_recordings_with_texts_cannot_be_mixed(tmp_path: Path) -> None:
    with pytest.raises(SonogramError, match="clips with one sound each"):
        mix(Clips([Clip("a.wav", "", text="hello")]), tmp_path / "scenes")
