"""Editing label files: untouched lines keep their bytes, foreign columns stay."""

import dataclasses

import pytest
from hypothesis import given, strategies as st

import sonogram as sg
from sonogram.files import Label, LabelFile, find_labels

RAVEN = (
    "Selection\tView\tChannel\tBegin Time (s)\tEnd Time (s)\tLow Freq (Hz)\tHigh Freq (Hz)\t"
    "Delta Time (s)\tInband Power\tAnnotation\tNotes\r\n"
    "1\tWaveform 1\t2\t0.50\t1.25\t300.0\t4000.0\t0.7500\t-31\twren\ta  note\r\n"
    "1\tSpectrogram 1\t2\t0.50\t1.25\t300.0\t4000.0\t0.7500\t-31\twren\ta  note\r\n"
    "7\tSpectrogram 1\t1\t2\t3\t0\t8000\t1\t\t\t\r\n"
)
AUDACITY = "0.5\t2,25\tdog 0.75\n3\t3\tclick\n\n4\t5\tbox\tin a box\n\\\t300.5\t4000\n6\t7\topen\n\\\t-1\t900"
TABLE = 'path,start,end,label,score\nyard.wav,0.50,2,"dog, ""big""\nor not",.75\nother.wav,1,2,cat,0.9\n'
FILES = {"raven": RAVEN, "audacity": AUDACITY, "csv": TABLE}


@pytest.mark.parametrize("form", FILES)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_file_without_edits_keeps_its_bytes(form, encoding):
    content = FILES[form].encode(encoding)
    file = LabelFile.parse(content)
    assert file.format == form
    same = {number: dataclasses.replace(label) for number, label in enumerate(file.labels)}
    assert file.edit(same).content == content


@pytest.mark.parametrize("content", [b"1\t2\tK\xe4uzchen\n", b"1\t2\t\x81\x8d\n", b"", b"\r\n\r\n"])
def test_bytes_of_old_encodings_are_kept(content):
    assert LabelFile.parse(content).edit({}).content == content


def test_an_edited_selection_changes_its_cells_alone():
    file = LabelFile.parse(RAVEN.encode())
    wren = dataclasses.replace(file.labels[0], end=1.5, text="robin")
    lines = file.edit({0: wren}).text.split("\r\n")
    assert lines[1] == "1\tWaveform 1\t2\t0.50\t1.500000\t300.0\t4000.0\t1.000000\t-31\trobin\ta  note"
    assert lines[2] == lines[1].replace("Waveform", "Spectrogram")
    assert lines[3:] == RAVEN.split("\r\n")[3:]


def test_a_new_selection_has_the_next_number_and_all_columns():
    file = LabelFile.parse(RAVEN.encode())
    added = file.edit({}, [Label(4, 5, 100, 200, "owl", extra={"notes": "far"})]).text
    assert added == RAVEN + (
        "8\tSpectrogram 1\t1\t4.000000\t5.000000\t100.000000\t200.000000\t1.000000\t\towl\tfar\r\n"
    )


def test_an_edited_label_of_audacity_gains_and_loses_its_frequencies():
    file = LabelFile.parse(AUDACITY.encode())
    plain = dataclasses.replace(file.labels[2], low=None, high=None)
    boxed = dataclasses.replace(file.labels[1], low=20.0)
    lines = file.edit({1: boxed, 2: plain}, [Label(8, 9, text="a\ttab")]).text.split("\n")
    assert lines == [
        "0.5\t2,25\tdog 0.75",
        "3.000000\t3.000000\tclick",
        "\\\t20.000000\t-1.000000",
        "",
        "4.000000\t5.000000\tbox in a box",
        "6\t7\topen",
        "\\\t-1\t900",
        "8.000000\t9.000000\ta tab",
        "",
    ]


def test_a_cell_of_several_lines_is_one_label():
    file = LabelFile.parse(TABLE.encode())
    assert file.labels[0].text == 'dog, "big"\nor not'
    edited = file.edit({0: dataclasses.replace(file.labels[0], start=0.25)}).text
    assert edited == TABLE.replace("0.50", "0.250000")
    assert file.edit({1: None}).text == TABLE[: TABLE.index("other")]
    assert file.edit({0: None}).text == TABLE.partition("\n")[0] + "\nother.wav,1,2,cat,0.9\n"


def test_a_table_without_the_column_is_an_error():
    with pytest.raises(sg.SonogramError, match="no column 'low'; add it"):
        LabelFile.parse(TABLE.encode()).edit({}, [Label(0, 1, low=100)])
    with pytest.raises(sg.SonogramError, match="label 2 is not in the file"):
        LabelFile.parse(TABLE.encode()).edit({2: None})
    with pytest.raises(sg.SonogramError, match=r"cp1252, has no '.'; save it as UTF-8"):
        _ = LabelFile.parse(b"1\t2\tK\xe4uzchen\n").edit({}, [Label(0, 1, text="\u732b")]).content


texts = st.text(st.characters(exclude_categories=["C", "Z"], include_characters=" \"',\\"), max_size=12)
times = st.integers(0, 10**12).map(lambda microseconds: microseconds / 1e6)
hertz = st.none() | st.integers(0, 10**12).map(lambda micro: micro / 1e6)


@st.composite
def some_labels(draw):
    """Return a label with values that six decimals hold."""
    start, end = sorted((draw(times), draw(times)))
    low, high = draw(hertz), draw(hertz)
    if low is not None and high is not None:
        low, high = sorted((low, high))
    return Label(start, end, low, high, draw(texts).strip())


@given(st.lists(some_labels(), max_size=5), st.data(), st.sampled_from(["audacity", "raven", "csv"]))
def test_labels_survive_a_round_trip_and_edits(labels, data, form):
    def values(label):
        return label.start, label.end, label.low, label.high, label.text

    file = LabelFile.new(form).edit({}, labels)
    again = LabelFile.parse(file.content)
    assert again.content == file.content
    assert [values(label) for label in again.labels] == [values(label) for label in labels]
    if not labels:
        return
    changed = data.draw(st.integers(0, len(labels) - 1))
    label = data.draw(some_labels())
    own = dataclasses.replace(
        again.labels[changed],
        start=label.start,
        end=label.end,
        low=label.low,
        high=label.high,
        text=label.text,
    )
    edited = LabelFile.parse(again.edit({changed: own}).content)
    expected = [*labels[:changed], label, *labels[changed + 1 :]]
    assert [values(label) for label in edited.labels] == [values(label) for label in expected]
    undone = edited.edit({changed: again.labels[changed]})
    assert undone.content == again.content


def test_label_files_next_to_a_sound_are_found(tmp_path):
    sound = tmp_path / "yard.wav"
    assert find_labels(sound) is None
    (tmp_path / "yard.txt").write_text("THE QUICK BROWN FOX\n")
    assert find_labels(sound) is None
    (tmp_path / "yard.labels.txt").write_text("0\t1\tdog\n")
    assert find_labels(sound) == tmp_path / "yard.labels.txt"
    (tmp_path / "yard.Table.1.selections.txt").write_bytes(RAVEN.encode())
    assert find_labels(sound) == tmp_path / "yard.Table.1.selections.txt"
