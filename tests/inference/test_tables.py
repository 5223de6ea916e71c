"""Predictions as text for other programs."""

import csv
import io

from sonogram.inference import Event, audacity, comma_separated, raven

EVENTS = [Event(0.0, 1.25, "dog", 0.912345678), Event(1.25, 3.0, 'a "big"\tbird, or\nso', 0.5)]


def test_csv_is_read_again() -> None:
    rows = list(csv.DictReader(io.StringIO(comma_separated(("a,b.wav", event) for event in EVENTS))))
    assert rows[0] == {"path": "a,b.wav", "start": "0.0", "end": "1.25", "label": "dog", "score": "0.912346"}
    assert rows[1]["label"] == EVENTS[1].label


def test_a_label_track_has_three_fields_in_each_line() -> None:
    lines = audacity(EVENTS).splitlines()
    assert lines[0].split("\t") == ["0.000000", "1.250000", "dog 0.91"]
    assert lines[1].split("\t") == ["1.250000", "3.000000", 'a "big" bird, or so 0.50']
    assert audacity([]) == ""


def test_a_selection_table_has_the_columns_of_raven() -> None:
    lines = [line.split("\t") for line in raven(EVENTS, 4000).splitlines()]
    needed = "Selection,View,Channel,Begin Time (s),End Time (s),Low Freq (Hz),High Freq (Hz)"
    assert lines[0][:7] == needed.split(",")
    assert lines[1] == [
        "1",
        "Spectrogram 1",
        "1",
        "0.000000",
        "1.250000",
        "0.0",
        "4000.0",
        "dog",
        "0.9123",
    ]
    assert [len(line) for line in lines] == [9, 9, 9]
    assert lines[2][0] == "2"
    assert len(raven([], 4000).splitlines()) == 1  # the columns, so that Raven opens it
