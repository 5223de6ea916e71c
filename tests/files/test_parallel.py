"""The parallel map: in order, with errors apart."""

import time

import pytest

from sonogram.errors import SonogramError
from sonogram.files import map_files


def _length(name: str) -> int:
    if name == "broken":
        raise SonogramError("no sound")
    if name == "bug":
        raise KeyError(name)
    time.sleep(0.01 * (5 - len(name)))
    return len(name)


def test_results_come_in_order_and_one_broken_file_stops_nothing() -> None:
    found = dict(map_files(_length, ["a", "broken", "bbb"]))
    assert list(found) == ["a", "broken", "bbb"]
    assert (found["a"], found["bbb"]) == (1, 3)
    assert str(found["broken"]) == "no sound"


def test_other_errors_are_raised() -> None:
    with pytest.raises(KeyError):
        list(map_files(_length, ["a", "bug"]))
