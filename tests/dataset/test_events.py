"""Events of recordings: manifests with times, label files next to the recordings, and what both refuse."""

import math
from pathlib import Path

import numpy as np
import pytest

import sonogram as sg
from sonogram.dataset import Clips, DatasetReport, clips, folds, label_targets, load_clips
from sonogram.dataset.clips import Span
from sonogram.errors import SonogramError
from sonogram.files import find_inputs

MANIFEST = """path,start,end,label,group
yard.wav,2.5,3,dog,north
yard.wav,0.5,2,bird,north
road.wav,,,rain,south
room.wav,,,,south
"""


def _write(folder: Path, text: str) -> Path:
    path = folder / "events.csv"
    path.write_text(text)
    return path


def test_each_row_with_times_is_an_event(tmp_path: Path) -> None:
    found = clips(_write(tmp_path, MANIFEST))
    assert found.kind == "events"
    assert found.classes == ("bird", "dog", "rain")
    assert [Path(path).name for path in found.paths] == ["yard.wav", "road.wav", "room.wav"]
    assert [clip.events for clip in found] == [
        (Span(0.5, 2.0, "bird"), Span(2.5, 3.0, "dog")),
        (Span(0.0, math.inf, "rain"),),
        (),
    ]
    assert [clip.group for clip in found] == ["north", "south", "south"]
    assert found.counts == {"bird": 1, "dog": 1, "rain": 1}


def test_two_spellings_of_a_path_are_one_recording(tmp_path: Path) -> None:
    text = "path,start,end,label\nyard.wav,0,1,bird\n./yard.wav,1,2,dog\n"
    (clip,) = clips(_write(tmp_path, text))
    assert [span.label for span in clip.events or ()] == ["bird", "dog"]


def test_a_saved_manifest_has_the_same_events(tmp_path: Path) -> None:
    found = clips(_write(tmp_path, MANIFEST))
    found.save(tmp_path / "again.csv")
    assert clips(tmp_path / "again.csv") == found


def test_without_times_the_columns_start_and_end_are_ignored(tmp_path: Path) -> None:
    found = clips(_write(tmp_path, "path,start,end,label\na.wav,,,dog\nb.wav,,,cat\n"))
    assert found.kind == "label"
    assert found.classes == ("cat", "dog")


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ("yard.wav,3,2,dog,north", r"line 2: start and end must be seconds .* got '3' and '2'"),
        ("yard.wav,-1,2,dog,north", "line 2: start and end must be seconds"),
        ("yard.wav,one,2,dog,north", "line 2: start and end must be seconds"),
        ("yard.wav,1,2,,north", "line 2: the label is empty"),
        ("road.wav,1,2,dog,north", "line 3: the group of road.wav is 'north' in line 2 and 'south' here"),
    ],
)
def test_invalid_rows_are_refused_by_line(tmp_path: Path, row: str, problem: str) -> None:
    text = f"path,start,end,label,group\n{row}\nroad.wav,0,1,dog,south\n"
    with pytest.raises(SonogramError, match=problem):
        clips(_write(tmp_path, text))


def _site(folder: Path) -> None:
    for name in ("north/a.wav", "north/b.wav", "south/c.wav", "south/d.wav"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).touch()
    (folder / "north" / "a.txt").write_text("0.5\t2\tbird\n")
    (folder / "north" / "b.Table.1.selections.txt").write_text(
        "Selection\tBegin Time (s)\tEnd Time (s)\tAnnotation\n1\t1.5\t1.75\tdog\n"
    )
    (folder / "south" / "c.txt").write_text("")


def test_label_files_next_to_recordings_are_events_and_recordings_without_one_are_left_out(
    tmp_path: Path,
) -> None:
    _site(tmp_path)
    found = clips(tmp_path)
    assert [(Path(clip.path).name, clip.group, clip.events) for clip in found] == [
        ("a.wav", "north", (Span(0.5, 2.0, "bird"),)),
        ("b.wav", "north", (Span(1.5, 1.75, "dog"),)),
        ("c.wav", "south", ()),
    ]


def test_few_label_files_leave_class_folders_what_they_are(tmp_path: Path) -> None:
    _site(tmp_path)
    (tmp_path / "north" / "a.txt").unlink()
    assert clips(tmp_path).kind == "label"


def test_a_point_in_time_is_no_event(tmp_path: Path) -> None:
    _site(tmp_path)
    (tmp_path / "north" / "a.txt").write_text("0.5\t0.5\tbird\n")
    with pytest.raises(SonogramError, match=r"a.txt: 'bird' at 0.5 s is a point in time"):
        clips(tmp_path)
    problems: list[str] = []
    assert len(clips(tmp_path, DatasetReport(problems.append))) == 2
    assert len(problems) == 1


@pytest.mark.parametrize(
    ("name", "text", "problem"),
    [
        ("d.txt", "0.5\t2\tbird\n3\tfour\tdog\n", r"d\.txt: line 2: a label is start, end and text"),
        (
            "d.csv",
            "start,end,label\n1,x,dog\n",
            r"d\.csv: line 2: a row has start, end, label; got '1,x,dog'",
        ),
        ("d.txt", "rain, no birds\n", r"d\.txt: no line is a label .* or rename it"),
        (
            "d.csv",
            "path,start,end,label\nc.wav,1,2,dog\n",
            r"d\.csv: its labels name other recordings, not d\.wav",
        ),
    ],
)
def test_an_invalid_label_file_is_no_recording_without_labels(
    tmp_path: Path, name: str, text: str, problem: str
) -> None:
    _site(tmp_path)
    (tmp_path / "south" / name).write_text(text)
    with pytest.raises(SonogramError, match=problem):
        clips(tmp_path)
    problems: list[str] = []
    found = clips(tmp_path, DatasetReport(problems.append))
    assert [Path(path).name for path in found.paths] == ["a.wav", "b.wav", "c.wav"]
    assert len(problems) == 1
    with pytest.raises(SonogramError, match=problem):
        raise SonogramError(problems[0])


def test_invalid_lines_do_not_make_classes_of_the_folders_of_recordings_with_labels(tmp_path: Path) -> None:
    _site(tmp_path)
    for name in ("north/a.txt", "south/c.txt"):
        (tmp_path / name).write_text("0.5\t2\tbird\n3\tfour\tdog\n")
    with pytest.raises(SonogramError, match=r"a\.txt: line 2"):
        clips(tmp_path)
    problems: list[str] = []
    assert clips(tmp_path, DatasetReport(problems.append)).kind == "events"
    assert len(problems) == 2


def test_transcripts_leave_class_folders_what_they_are(tmp_path: Path) -> None:
    for name in ("north/a", "south/b"):
        (tmp_path / name).parent.mkdir()
        (tmp_path / f"{name}.wav").touch()
        (tmp_path / f"{name}.txt").write_text("THE QUICK BROWN FOX\n")
    assert clips(tmp_path).classes == ("north", "south")
    with pytest.raises(
        SonogramError, match=r"of 1 files next to the 1 sounds, such as .*b\.txt, 0 have labels"
    ):
        clips(tmp_path / "south")


def test_recordings_without_any_event_are_read_again(tmp_path: Path) -> None:
    text = "path,start,end,label,group\na.wav,,,,north\nb.wav,,,,south\n"
    found = clips(_write(tmp_path, text))
    assert (found.kind, found.classes) == ("events", ())
    assert [clip.events for clip in found] == [(), ()]
    found.save(tmp_path / "again.csv")
    assert clips(tmp_path / "again.csv") == found


def test_a_text_has_no_times(tmp_path: Path) -> None:
    path = _write(tmp_path, "path,start,end,text\na.wav,,,hello\nb.wav,1,2,world\n")
    with pytest.raises(
        SonogramError, match=r"events\.csv, line 3: a text is of a whole recording, .*; cut the"
    ):
        clips(path)
    assert clips(_write(tmp_path, "path,start,end,text\na.wav,,,hello\n")).kind == "text"


def test_events_have_no_single_class(tmp_path: Path) -> None:
    found = clips(_write(tmp_path, MANIFEST))
    with pytest.raises(SonogramError, match="have events"):
        _ = found.numbers
    with pytest.raises(SonogramError, match="have events instead of one label"):
        label_targets(found, found.classes)
    with pytest.raises(SonogramError, match="some clips have events and others a label"):
        Clips([found[0], found[1]._replace(events=None)])


def test_a_recording_with_several_events_is_one_input(tmp_path: Path) -> None:
    found = find_inputs([_write(tmp_path, MANIFEST)])
    assert [item.name for item in found] == ["road.wav", "room.wav", "yard.wav"]
    assert {item.label for item in found} == {""}


def test_folds_keep_groups_of_recordings_with_events_together(tmp_path: Path) -> None:
    found = clips(_write(tmp_path, MANIFEST))
    parts = [part.validation.groups for part in folds(found, 2)]
    assert sorted(map(sorted, parts)) == [["north"], ["south"]]


@pytest.mark.parametrize(("present", "absent"), [("start", "end"), ("end", "start")])
def test_one_of_both_times_is_refused(tmp_path: Path, present: str, absent: str) -> None:
    path = tmp_path / "m.csv"
    path.write_text(f"path,{present},label\na.wav,0.5,dog\n")
    with pytest.raises(SonogramError, match=f"has the column {present} and not {absent}; add it"):
        clips(path)


def test_an_event_after_its_recording_is_noticed(tmp_path: Path) -> None:
    for name in ("a", "b"):
        sg.save(tmp_path / f"{name}.wav", np.zeros(8000), 8000)
    (tmp_path / "m.csv").write_text("path,start,end,label\na.wav,100,200,dog\nb.wav,0.5,2,dog\n")
    with pytest.raises(SonogramError, match="the event 'dog' begins at 100 s, and the recording ends at 1 s"):
        load_clips(tmp_path / "m.csv", 8000)
    report = DatasetReport()
    assert load_clips(tmp_path / "m.csv", 8000, report).clips.paths == (str(tmp_path / "b.wav"),)
    assert "begins at 100 s" in report.broken[0].reason
