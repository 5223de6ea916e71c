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
        ({"count": 0}, "count must be at least 1; got 0"),
        ({"events": (3, 2)}, r"events must be the fewest and the most, from 0; got \(3, 2\)"),
        ({"snr": (9, 1)}, "snr must be the lowest and the highest"),
        ({"snr": (1000, 1000)}, "snr must be the lowest and the highest, from -200 to 200 dB"),
        ({"seconds": 0}, "seconds must be above 0"),
    ],
)
def test_invalid_settings_are_refused(setting: dict[str, object], problem: str, tmp_path: Path) -> None:
    with pytest.raises(SonogramError, match=problem):
        mix(tmp_path, tmp_path / "scenes", **setting)


def test_recordings_with_texts_cannot_be_mixed(tmp_path: Path) -> None:
    with pytest.raises(SonogramError, match="clips with one sound each"):
        mix(Clips([Clip("a.wav", "", text="hello")]), tmp_path / "scenes")
