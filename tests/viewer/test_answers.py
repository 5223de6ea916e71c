"""Arrays and JSON that the page gets."""

import time

import numpy as np
import pytest

import sonogram as sg

from .conftest import RATE, tone


def _complete(reader, path):
    for _ in range(500):
        answer = reader.get(path)
        assert answer.status_code == 200, answer.text
        if answer.headers["x-complete"] == "1":
            return answer
        time.sleep(0.01)
    raise AssertionError("never complete")


def _array(answer, rows, columns, dtype=np.float32):
    shape = tuple(int(answer.headers[f"x-{name}"]) for name in (rows, columns))
    return np.frombuffer(answer.content, dtype).reshape(shape)


@pytest.fixture
def definition(reader):
    return reader.get("session").json()["definitions"][0]["id"]


def test_a_tile_is_the_features(reader, definition, sounds):
    frontend = sg.Frontend(RATE, 256, 128)
    expected = frontend(sg.load(sounds / "tone.wav"))
    answer = _complete(reader, f"tile/f2/mix/{definition}/0/0")
    np.testing.assert_array_equal(_array(answer, "bands", "columns").T, expected)
    coarse = _array(_complete(reader, f"tile/f2/mix/{definition}/2/0"), "bands", "columns")
    np.testing.assert_array_equal(coarse[:, 0], expected[:4].max(axis=0))
    rows = _array(_complete(reader, f"values/f2/mix/{definition}?first=7&count=9"), "frames", "bands")
    np.testing.assert_array_equal(rows, expected[7:16])


def test_a_tile_that_is_known_is_not_sent_again(reader, definition):
    path = f"tile/f2/mix/{definition}/0/0"
    tag = _complete(reader, path).headers["etag"]
    again = reader.get(path, headers={"If-None-Match": tag})
    assert (again.status_code, again.content) == (304, b"")
    assert reader.get(f"tile/f2/mix/{definition}/1/0", headers={"If-None-Match": tag}).status_code == 200


def test_channels_are_apart_and_mixed(reader, definition, sounds):
    frontend = sg.Frontend(RATE, 256, 128)
    left, right = sg.load(sounds / "night" / "stereo.wav", mono=False).samples
    mixed = sg.load(sounds / "night" / "stereo.wav").samples
    for channel, samples in (("0", left), ("1", right), ("mix", mixed)):
        tile = _array(_complete(reader, f"tile/f1/{channel}/{definition}/0/0"), "bands", "columns")
        np.testing.assert_array_equal(tile.T, frontend(samples))
    assert reader.get(f"tile/f1/2/{definition}/0/0").status_code == 422


def test_a_window_is_normalized_alone(reader, sounds):
    found = reader.post("definition", json={"preset": "whisper-80"}).json()["definition"]
    assert found["per_clip"]
    answer = _complete(reader, f"window/f2/mix/{found['id']}?start=0.5&seconds=1.25")
    samples = sg.load(sounds / "tone.wav", 16000).samples[8000:28000]
    np.testing.assert_array_equal(_array(answer, "frames", "bands"), sg.preset("whisper-80")(samples))


def test_samples_are_those_of_load(reader, sounds):
    samples = sg.load(sounds / "tone.wav").samples
    answer = _complete(reader, "pcm/f2/mix?first=100&count=50")
    np.testing.assert_array_equal(np.frombuffer(answer.content, np.float32), samples[100:150])
    assert answer.headers["x-rate"] == str(RATE)
    end = _complete(reader, f"pcm/f2/0?first={len(samples) - 5}&count=50&format=int16")
    scaled = np.round(samples[-5:] * 32767).astype(np.int16)
    np.testing.assert_array_equal(np.frombuffer(end.content, np.int16), scaled)


def test_a_waveform_holds_the_extremes_of_its_columns(reader):
    answer = _complete(reader, "wave/f2/mix/0/0")
    columns = np.frombuffer(answer.content, np.int16).reshape(-1, 2)
    assert len(columns) == int(answer.headers["x-columns"]) == -(-3 * RATE // 64)
    first = tone(3)[:64] * 32767
    assert abs(columns[0] - [first.min(), first.max()]).max() <= 1.5  # two roundings, of file and waveform


def test_a_definition_comes_with_its_findings(reader):
    answer = reader.post("definition", json={"preset": "kaldi-fbank-80", "file": "f2"}).json()
    definition = answer["definition"]
    assert (definition["name"], definition["bands"], definition["rate"]) == ("kaldi-fbank-80", 80, 16000)
    frontend = sg.preset("kaldi-fbank-80")
    assert sg.Frontend.from_dict(definition["definition"]) == frontend
    times = [definition["first"] + index * definition["step"] for index in range(3)]
    np.testing.assert_allclose(times, frontend.times(3))
    assert answer["frames"] == frontend.num_frames(3 * 16000)
    assert "rate-mismatch" not in [finding["code"] for finding in answer["findings"]]
    bad = {"definition": {"sample_rate": 16000, "frame_length": 400, "frame_step": 0}}
    assert reader.post("definition", json=bad).status_code == 422
    assert "frame_step must be" in reader.post("definition", json=bad).json()["error"]
    assert reader.post("definition", json={"preset": "whisper-8"}).json()["error"].startswith("there is no")
    assert reader.post("definition", json={"definition": 7}).status_code == 422


def test_wrong_requests_are_one_line(reader, definition):
    _complete(reader, f"tile/f2/mix/{definition}/0/0")
    _complete(reader, "wave/f2/mix/0/0")
    for path, status in (
        (f"tile/f9/mix/{definition}/0/0", 404),
        ("tile/f2/mix/0000/0/0", 404),
        (f"tile/f2/mix/{definition}/0/-1", 400),
        (f"tile/f2/mix/{definition}/x/0", 400),
        (f"tile/f2/mix/{definition}/0/nan", 400),
        (f"tile/f2/mix/{definition}/41/0", 400),
        (f"values/f2/mix/{definition}?count=5000", 400),
        (f"tile/f0/mix/{definition}/0/0", 422),
        ("wave/f2/mix/1/0", 404),
        (f"tile/f2/mix/{definition}/7/0", 404),
        ("scores/f2/m0", 404),
        ("export", 404),
    ):
        answer = reader.get(path)
        assert answer.status_code == status, (path, answer.text)
        assert len(answer.json()["error"].splitlines()) == 1
    assert reader.get("session").json()["files"][0]["error"] is None  # not looked at before it is opened
    assert "broken.wav" in reader.get("file/f0").json()["error"]


def test_a_file_that_vanishes_is_gone(page, folder):
    definition = page.get("session").json()["definitions"][0]["id"]
    _complete(page, f"tile/f2/mix/{definition}/0/0")
    (folder / "tone.wav").unlink()
    assert page.get(f"tile/f2/mix/{definition}/0/1").status_code == 410


def test_a_file_that_changes_is_read_again_when_the_page_is_loaded(page, folder):
    definition = page.get("session").json()["definitions"][0]["id"]
    tag = _complete(page, f"tile/f2/mix/{definition}/0/0").headers["etag"]
    assert page.get("file/f2").json()["seconds"] == 3.0
    sg.save(folder / "tone.wav", np.zeros(RATE), RATE)
    refused = page.get(f"tile/f2/mix/{definition}/0/0", headers={"If-None-Match": tag})
    assert refused.status_code == 409
    assert refused.json()["error"] == "tone.wav: the file has changed; load the page again"
    assert page.get("file/f2").json()["seconds"] == 1.0
    assert _complete(page, f"tile/f2/mix/{definition}/0/0").headers["etag"] != tag
    assert page.get("progress?file=f2").json()["total"] == RATE


def test_progress_and_sizes_agree_with_the_tiles(reader, definition):
    sizes = reader.get("file/f2").json()
    assert sizes["definitions"][definition] == {"frames": 186, "levels": 1}
    assert (sizes["seconds"], sizes["rate"], sizes["channels"]) == (3.0, RATE, 1)
    _complete(reader, f"tile/f2/mix/{definition}/0/0")
    for _ in range(500):
        progress = reader.get("progress?file=f2").json()
        if progress["pyramids"][f"mix/{definition}"]["complete"]:
            break
        time.sleep(0.01)
    assert progress["samples"] == progress["total"] == 3 * RATE
    assert progress["pyramids"][f"mix/{definition}"]["frames"] == 186


def test_a_thumbnail_has_few_columns_within_its_range(reader):
    answer = reader.get("thumbnail/f2")
    values = _array(answer, "bands", "columns")
    assert values.shape[1] <= 256
    assert values.min() >= float(answer.headers["x-low"])
    assert float(answer.headers["x-high"]) >= values.max() - 1e-3
    listed = reader.get("folder?limit=2").json()
    assert ([file["id"] for file in listed["files"]], listed["next"]) == (["f0", "f1"], 2)
    assert reader.get("folder?after=2").json()["next"] is None
