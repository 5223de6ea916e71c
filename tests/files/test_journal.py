"""Results that a run keeps for the next one."""

from pathlib import Path

import pytest

from sonogram.errors import SonogramError
from sonogram.files import ResultJournal

SETTINGS = {"model": "a", "window": None}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "out.partial"


def test_results_of_unchanged_files_are_kept(path: Path) -> None:
    sounds = [path.with_name(f"{index}.wav") for index in range(3)]
    for sound in sounds:
        sound.write_bytes(b"sound")
    first = ResultJournal(path, SETTINGS)
    for index, sound in enumerate(sounds):
        first.add({"path": str(sound), "score": index})
    first.close()
    sounds[1].write_bytes(b"another")
    again = ResultJournal(path, SETTINGS)
    assert [str(sound) in again for sound in sounds] == [True, False, True]
    assert again[str(sounds[2])] == {"path": str(sounds[2]), "score": 2}
    again.remove()
    assert not path.exists()


def test_a_line_that_was_not_finished_does_not_count(path: Path) -> None:
    first = ResultJournal(path, SETTINGS)
    first.add({"path": "1.wav", "score": 0.5})
    first.close()
    whole = path.read_bytes()
    for rest in (b"{", b'{"state":[0,0],"path":"2.wav"}', b"\0\0\0"):
        path.write_bytes(whole + rest)
        again = ResultJournal(path, SETTINGS)
        again.add({"path": "3.wav", "score": 1})
        assert (len(again), again["3.wav"]["score"]) == (2, 1)
        again.close()
        assert path.read_bytes().startswith(whole + b'{"state":[0,0],"path":"3.wav"')
        path.write_bytes(whole)


def test_other_settings_and_other_files_are_refused(path: Path) -> None:
    first = ResultJournal(path, SETTINGS)
    first.add({"path": "1.wav"})
    first.close()
    with pytest.raises(
        SonogramError, match=r"holds results of another model or with other options; give those"
    ):
        ResultJournal(path, {**SETTINGS, "model": "b"})
    path.write_text("a text of mine")
    with pytest.raises(SonogramError, match="or remove it"):
        ResultJournal(path, SETTINGS)
    assert path.read_text() == "a text of mine"


def test_an_empty_journal_leaves_nothing_and_binds_nobody(path: Path) -> None:
    ResultJournal(path, SETTINGS).close()
    assert not path.exists()
