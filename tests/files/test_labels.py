"""Labels as Audacity, Raven and `predict` write them."""

import pytest

import sonogram as sg
from sonogram.files import Label, labels_of, read_labels

RAVEN = (
    "Selection\tView\tChannel\t"
    "Begin Time (s)\tEnd Time (s)\tLow Freq (Hz)\tHigh Freq (Hz)\tAnnotation\tNotes\n"
    "1\tWaveform 1\t2\t0.5\t1.25\t300.0\t4000.0\twren\ta note\n"
    "1\tSpectrogram 1\t2\t0.5\t1.25\t300.0\t4000.0\twren\ta note\n"
    "2\tSpectrogram 1\t1\t2\t3\t0\t8000\t\t\n"
)
AUDACITY = "0.5\t2,25\tdog\n3\t3\tclick\n\n4\t5\tbox\tin a box\n\\\t300.5\t4000\n6\t7\topen\n\\\t-1\t900\n"


def _read(tmp_path, content, name="labels.txt"):
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_labels(path)


def test_audacity_tracks_have_parts_points_and_boxes(tmp_path):
    assert _read(tmp_path, AUDACITY) == [
        Label(0.5, 2.25, text="dog"),
        Label(3, 3, text="click"),
        Label(4, 5, 300.5, 4000, "box\tin a box"),
        Label(6, 7, None, 900, "open"),
    ]


def test_a_selection_of_raven_is_one_label_in_any_number_of_views(tmp_path):
    wren, unnamed = _read(tmp_path, RAVEN)
    assert wren == Label(
        0.5, 1.25, 300, 4000, "wren", 2, {"selection": "1", "view": "Waveform 1", "notes": "a note"}
    )
    assert (unnamed.text, unnamed.channel, unnamed.low, unnamed.high) == ("", 1, 0, 8000)


def test_a_column_of_ones_own_is_the_text(tmp_path):
    [label] = _read(
        tmp_path,
        "Selection\tBegin Time (s)\tEnd Time (s)\tAvg Power (dB)\tHerd\n1\t0\t1\t-30\tmatriline A\n",
    )
    assert label.text == "matriline A"
    assert label.extra["avg power (db)"] == "-30"


def test_what_predict_writes_is_read(tmp_path):
    text = 'path,start,end,label,score\nin/yard.wav,0.5,2.0,"dog, big",0.75\nin/other.wav,1,2,cat,0.9\n'
    labels = _read(tmp_path, text)
    assert [(label.start, label.end, label.text) for label in labels] == [(0.5, 2, "dog, big"), (1, 2, "cat")]
    assert labels_of(labels, "/elsewhere/yard.wav") == labels[:1]
    assert labels_of([Label(0, 1)], "yard.wav") == [Label(0, 1)]


def test_paths_of_other_systems_name_the_recording():
    label = Label(0, 1, extra={"begin path": r"C:\field\yard.wav"})
    assert labels_of([label], "yard.wav") == [label]
    assert labels_of([label], "field.wav") == []


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_encodings_of_other_programs(tmp_path, encoding):
    assert _read(tmp_path, "1\t2\tKäuzchen\r\n".encode(encoding)) == [Label(1, 2, text="Käuzchen")]


def test_an_empty_track_has_no_labels(tmp_path):
    assert _read(tmp_path, "") == []
    assert _read(tmp_path, RAVEN.splitlines()[0]) == []


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("1\t2\ta\nno label\n", r"line 2: a label is start, end and text, separated by tabs; got 'no label'"),
        ("2\t1\ta\n", "line 1: .*must not end before it starts; got 2.0 to 1.0 s"),
        ("nan\t1\ta\n", "must not be negative"),
        ("1\t2\ta\n\\\t900\t300\n", "line 2: .*upper frequency"),
        (RAVEN.replace("1.25", "late"), "line 2: a row has selection, view"),
        ("start,end,label\n1,,dog\n", "line 2: a row has start, end, label; got '1,,dog'"),
        (b"\x00\x01\x02RIFF", "line 1"),
    ],
)
def test_invalid_lines_are_named(tmp_path, content, message):
    with pytest.raises(sg.SonogramError, match=message):
        _read(tmp_path, content)


def test_a_missing_file_is_one_line(tmp_path):
    with pytest.raises(sg.SonogramError, match=r"labels cannot be read.*check the path"):
        read_labels(tmp_path / "missing.txt")
