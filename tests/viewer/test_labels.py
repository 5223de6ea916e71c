"""Labels over HTTP: journal, second writer, broken disks."""

import errno
import json
import math

import pytest

import sonogram as sg
from sonogram.viewer import label_store
from sonogram.viewer.opening import open_session
from sonogram.viewer.session import Session

DOG = {
    "id": None,
    "start": 0.5,
    "end": 1.0,
    "low": None,
    "high": None,
    "text": "dog",
    "channel": None,
    "extra": {},
}


def _put(page, labels, tag, file="f2"):
    return page.put(f"labels/{file}", content=json.dumps({"labels": labels}), headers={"If-Match": tag})


def test_labels_are_written_next_to_the_sound(page, folder):
    read = page.get("labels/f2")
    assert (read.json()["labels"], read.headers["etag"]) == ([], '"none"')
    written = _put(page, [DOG], read.headers["etag"])
    assert (folder / "tone.labels.txt").read_bytes() == b"0.500000\t1.000000\tdog\n"
    assert [path.name for path in folder.iterdir() if path.name.startswith(".")] == []  # no journal remains
    [label] = written.json()["labels"]
    assert (label["id"], label["text"]) == ("r0", "dog")
    box = {**DOG, "low": 100.0, "high": 900.5}
    both = _put(page, [label, box], written.headers["etag"])
    assert (folder / "tone.labels.txt").read_text().endswith("dog\n\\\t100.000000\t900.500000\n")
    assert [label["high"] for label in both.json()["labels"]] == [None, 900.5]
    assert page.get("session").json()["files"][2]["labels"]
    none = _put(page, [], both.headers["etag"])
    assert (none.status_code, (folder / "tone.labels.txt").read_bytes()) == (200, b"")


def test_a_list_without_changes_keeps_the_bytes_and_the_time(page, folder):
    path = folder / "tone.txt"
    path.write_bytes(b"1\t2,5\tan old\tlabel\r\n\r\n")
    before = path.stat().st_mtime_ns
    read = page.get("labels/f2")
    assert _put(page, read.json()["labels"], read.headers["etag"]).headers["etag"] == read.headers["etag"]
    assert path.read_bytes() == b"1\t2,5\tan old\tlabel\r\n\r\n"
    assert path.stat().st_mtime_ns == before


def test_a_second_writer_is_not_overwritten_and_nothing_is_lost(page, folder):
    tag = page.get("labels/f2").headers["etag"]
    (folder / "tone.labels.txt").write_text("1\t2\tcat\n")
    refused = _put(page, [DOG], tag)
    assert refused.status_code == 412
    assert [label["text"] for label in refused.json()["labels"]] == ["cat"]
    assert (folder / "tone.labels.txt").read_text() == "1\t2\tcat\n"
    again = page.get("labels/f2").json()  # as after a crash of the browser
    assert [label["text"] for label in again["recovered"]] == ["dog"]
    merged = _put(page, [*refused.json()["labels"], DOG], refused.json()["etag"])
    assert merged.status_code == 200
    assert merged.json()["recovered"] is None
    assert (folder / "tone.labels.txt").read_text() == "1\t2\tcat\n0.500000\t1.000000\tdog\n"


def test_a_full_disk_keeps_file_and_journal(page, folder, monkeypatch):
    (folder / "tone.labels.txt").write_text("1\t2\tcat\n")
    read = page.get("labels/f2")
    write = label_store.atomic_file

    def full(path):
        if not path.name.endswith(".journal"):
            raise OSError(errno.ENOSPC, "No space left on device")
        return write(path)

    monkeypatch.setattr(label_store, "atomic_file", full)
    answer = _put(page, [DOG], read.headers["etag"])
    assert (answer.status_code, "No space left" in answer.json()["error"]) == (507, True)
    monkeypatch.undo()
    assert (folder / "tone.labels.txt").read_text() == "1\t2\tcat\n"
    assert page.get("labels/f2").json()["recovered"] == [DOG]
    assert page.delete("labels-journal/f2").status_code == 204
    assert page.get("labels/f2").json()["recovered"] is None


@pytest.mark.parametrize(
    "change",
    [
        {"start": -1},
        {"end": 0.1},
        {"start": None},
        {"start": "0"},
        {"start": True},
        {"low": 9, "high": 1},
        {"text": 5},
        {"channel": 1.5},
        {"extra": {"a": 1}},
        {"extra": []},
        {"id": "r7"},
        {"start": 1e999},
    ],
)
def test_invalid_labels_are_refused(page, folder, change):
    assert _put(page, [{**DOG, **change}], '"none"').status_code in (400, 422)
    assert not (folder / "tone.labels.txt").exists()


def test_a_write_needs_the_tag(page):
    answer = page.put("labels/f2", json={"labels": []})
    assert answer.status_code == 428
    assert page.put("labels/f2", json={"labels": 7}, headers={"If-Match": '"none"'}).status_code == 422


def test_rows_about_other_sounds_stay(page, folder):
    table = "path,start,end,label,score\ntone.wav,0.5,1,dog,.9\nother.wav,1,2,cat,.8\n"
    (folder / "tone.csv").write_text(table)
    read = page.get("labels/f2")
    [dog] = read.json()["labels"]
    assert (dog["text"], dog["extra"]["score"]) == ("dog", ".9")
    written = _put(page, [{**DOG, "text": "fox"}], read.headers["etag"])
    assert written.status_code == 200, written.text
    expected = "path,start,end,label,score\nother.wav,1,2,cat,.8\ntone.wav,0.500000,1.000000,fox,\n"
    assert (folder / "tone.csv").read_text() == expected


def test_one_table_has_the_labels_of_all_recordings(labeled):
    page, table = labeled
    tone, night = (page.get(f"labels/{name}") for name in ("f2", "f1"))
    [suggested], [cat] = tone.json()["labels"], night.json()["labels"]
    assert (suggested["text"], suggested["extra"]["score"], cat["text"]) == ("", ".9", "cat")
    assert [each["labels"] for each in page.get("session").json()["files"]] == [False, True, True]
    # Each recording is written without a conflict, although the other one has changed the file.
    assert _put(page, [], night.headers["etag"], "f1").status_code == 200
    written = _put(page, [{**suggested, "text": "dog"}, DOG], tone.headers["etag"])
    assert written.status_code == 200
    assert table.read_text().splitlines() == [
        "path,start,end,label,score",
        "tone.wav,0.5,1,dog,.9",
        "else.wav,0,1,,.7",
        "tone.wav,0.500000,1.000000,dog,",
    ]
    assert _put(page, [DOG], tone.headers["etag"]).status_code == 412


def test_a_new_table_names_the_recordings(folder, tmp_path):
    table = tmp_path / "new.csv"
    session = Session([folder], [sg.Frontend(8000, 256, 128)], labels=table)
    tags = [session.labels(name).read()[1] for name in ("f1", "f2")]
    for name, tag in zip(("f1", "f2"), tags, strict=True):
        session.labels(name).write([DOG], tag)
    session.close()
    assert sorted(table.read_text().splitlines()) == [
        "night/stereo.wav,0.500000,1.000000,,,dog",
        "path,start,end,low,high,label",
        "tone.wav,0.500000,1.000000,,,dog",
    ]


def test_text_of_labels_is_only_text(page, folder):
    text = '<script>alert("1")</script>\t\n\u2028'
    written = _put(page, [{**DOG, "text": text}], '"none"')
    assert written.headers["content-type"] == "application/json"
    assert written.json()["labels"][0]["text"] == '<script>alert("1")</script>'


def test_verdicts_become_a_manifest_for_training(page, folder):
    part = {"file": "f2", "start": 0.5, "end": 1.25, "label": "dog", "verdict": "yes"}
    whole = {"file": "f1", "start": None, "end": None, "label": "cat", "verdict": "yes"}
    assert page.put("verdict", json=part).json() == {"count": 1, "name": "verdicts.csv"}
    page.put("verdict", json=whole)
    manifest = folder / "verdicts.csv"
    assert manifest.read_text() == "path,start,end,label\ntone.wav,0.5,1.25,dog\nnight/stereo.wav,,,cat\n"
    assert sorted(sg.dataset.clips(manifest).classes) == ["cat", "dog"]
    page.put("verdict", json={**part, "verdict": "no"})
    assert manifest.read_text() == "path,start,end,label\nnight/stereo.wav,,,cat\n"
    assert (folder / "verdicts.rejected.csv").read_text() == "path,start,end,label\ntone.wav,0.5,1.25,dog\n"
    listed = page.get("verdicts").json()["verdicts"]
    assert [(each["file"], each["verdict"]) for each in listed] == [("f1", "yes"), ("f2", "no")]
    assert page.get("session").json()["files"][1]["verdict"] == "yes"
    assert page.put("verdict", json={**part, "verdict": None}).json()["count"] == 1
    wrong_parts = ({"start": None}, {"start": 2}, {"start": -1}, {"end": 10**400})
    for wrong in ({"label": ""}, {"verdict": "maybe"}, {"file": "f9"}, *wrong_parts):
        assert page.put("verdict", json={**part, **wrong}).status_code in (409, 422)
    body = json.dumps({**part, "end": math.nan})
    assert page.put("verdict", content=body).status_code in (400, 422)


@pytest.mark.parametrize("newline", ["\n", "\r\n"], ids=["lf", "crlf"])
def test_verdicts_keep_what_others_write(page, folder, newline):
    """Other columns, rows and bytes of a manifest stay, whoever wrote them and when."""
    manifest = folder / "verdicts.csv"
    rows = ("\ufeffgroup,path,label,start,end", 'g1,"a,b.wav",x,,', "g2,tone.wav,dog,0.50,1.250")
    before = newline.join(rows)
    manifest.write_bytes(before.encode())
    part = {"file": "f2", "start": 0.5, "end": 1.25, "label": "dog", "verdict": "yes"}
    assert page.put("verdict", json=part).json()["count"] == 2
    assert manifest.read_bytes().decode() == before  # it is there already
    cat = {**part, "label": "cat", "start": 1 / 3}
    assert page.put("verdict", json=cat).json()["count"] == 3
    added = f"{before}{newline},tone.wav,cat,0.333333,1.25{newline}"
    assert manifest.read_bytes().decode() == added
    manifest.write_bytes(f"{added}g3,other.wav,y,,{newline}".encode())  # by another program
    assert page.put("verdict", json={**cat, "verdict": None}).json()["count"] == 3
    assert manifest.read_bytes().decode() == f"{before}{newline}g3,other.wav,y,,{newline}"


def test_a_manifest_without_times_takes_no_parts(page, folder):
    manifest = folder / "verdicts.csv"
    manifest.write_text("path,label,group\ntone.wav,a,g1\n")
    part = {"file": "f2", "start": 0.5, "end": 1.25, "label": "dog", "verdict": "yes"}
    refused = page.put("verdict", json=part)
    assert refused.status_code == 422
    assert "has no columns start and end" in refused.json()["error"]
    page.put("verdict", json={**part, "start": None, "end": None})
    assert manifest.read_text() == "path,label,group\ntone.wav,a,g1\ntone.wav,dog,\n"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"path,label\ntone.wav,K\xe4uzchen\n", "this is another encoding"),
        (b"path,start,end,label\ntone.wav,one,2,x\n", "line 2: start and end must be seconds"),
    ],
)
def test_a_damaged_manifest_of_verdicts_is_named(folder, content, reason):
    (folder / "verdicts.csv").write_bytes(content)
    with pytest.raises(sg.SonogramError, match=reason):
        open_session(folder)


def test_one_text_file_does_not_take_the_labels_of_several_recordings(folder):
    with pytest.raises(sg.SonogramError, match=r"go to a folder, or to one \.csv file"):
        open_session(folder, labels=folder / "new.txt")
    open_session(folder / "tone.wav", labels=folder / "new.txt")


def test_labels_that_no_file_can_hold_leave_no_journal(page, folder):
    for wrong in ({"text": "\ud800"}, {"start": 10**400}):
        body = json.dumps({"labels": [{**DOG, **wrong}]})
        answer = page.put("labels/f2", content=body, headers={"If-Match": '"none"'})
        assert answer.status_code in (400, 409, 422), answer.text
        assert page.get("labels/f2").status_code == 200


def test_labels_of_all_files_are_one_manifest(page, folder):
    (folder / "tone.labels.txt").write_text("1\t2\tcat\n2\t3\t\n")
    (folder / "night" / "stereo.labels.txt").write_text("0\t0.5\tdog, big\n")
    answer = page.get("export/manifest")
    assert answer.text == 'path,start,end,label\nnight/stereo.wav,0.0,0.5,"dog, big"\ntone.wav,1.0,2.0,cat\n'
