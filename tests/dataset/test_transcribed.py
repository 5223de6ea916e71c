"""Published recordings of speech, as tiny trees of the same shape."""

from collections.abc import Callable
from pathlib import Path

import pytest

from sonogram.dataset import Clip, common_voice, librispeech, speech_commands
from sonogram.errors import SonogramError


def test_common_voice(tmp_path: Path) -> None:
    head = "client_id\tpath\tsentence_id\tsentence\tup_votes\n"
    (tmp_path / "train.tsv").write_text(head + 'a1\tcommon_voice_1.mp3\tx\tHe said: "Go.\t2\n')
    (tmp_path / "dev.tsv").write_text(
        head + "b2\tcommon_voice_2.mp3\tx\tÄpfel, bitte!\t2\n", encoding="utf-8"
    )
    (tmp_path / "test.tsv").write_text(head)
    first, second = common_voice(tmp_path)
    path = str(tmp_path / "clips/common_voice_1.mp3")
    assert first == Clip(path, "", group="a1", split="train", text='He said: "Go.')
    assert (second.split, second.text) == ("validation", "Äpfel, bitte!")
    (tmp_path / "test.tsv").write_text("client_id\tpath\nc3\tcommon_voice_3.mp3\n")
    with pytest.raises(SonogramError, match=r"test\.tsv, line 2: lacks path or sentence"):
        common_voice(tmp_path)
    with pytest.raises(SonogramError, match="not a language of Common Voice"):
        common_voice(tmp_path / "clips")


def test_files_of_common_voice_in_other_encodings(tmp_path: Path) -> None:
    text = "client_id\tpath\tsentence\na1\t1.mp3\tÄpfel\n"
    (tmp_path / "train.tsv").write_text(text, encoding="utf-8-sig")
    assert common_voice(tmp_path).groups == {"a1"}
    (tmp_path / "dev.tsv").write_text(text, encoding="latin-1")
    with pytest.raises(SonogramError, match=r"dev\.tsv: must be a text in UTF-8"):
        common_voice(tmp_path)


@pytest.mark.parametrize("reader", [common_voice, librispeech, speech_commands])
def test_an_empty_name_is_no_folder(reader: Callable[..., object]) -> None:
    with pytest.raises(SonogramError, match="the name of the folder is empty"):
        reader("")


def test_librispeech_in_other_places_and_encodings(
    tmp_path: Path, touch: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    chapter = tmp_path / "dev-clean" / "84" / "121123"
    touch(chapter, "84-0.flac", "84-0.json", "84-0.TextGrid")
    listing = chapter / "84.trans.txt"
    listing.write_text("84-0 GO\n", encoding="utf-8-sig")
    for folder in (chapter.parents[1], chapter.parent, chapter):
        monkeypatch.chdir(folder)
        (clip,) = librispeech(".")
        assert (clip.group, clip.split, Path(clip.path).name) == ("84", "validation", "84-0.flac")
    listing.write_text("84-0 Äpfel\n", encoding="latin-1")
    with pytest.raises(SonogramError, match=r"84\.trans\.txt: must be a text in UTF-8"):
        librispeech(".")


@pytest.mark.parametrize("inner", ["", "train-clean-100"])
def test_librispeech(tmp_path: Path, touch: Callable[..., None], inner: str) -> None:
    chapter = "train-clean-100/84/121123"
    touch(tmp_path, f"{chapter}/84-121123-0000.flac", f"{chapter}/84-121123-0001.flac")
    listing = tmp_path / chapter / "84-121123.trans.txt"
    listing.write_text("84-121123-0000 GO AND SEE\n84-121123-0001 NOT TODAY\n")
    first, second = librispeech(tmp_path / inner)
    path = str(listing.parent / "84-121123-0000.flac")
    assert first == Clip(path, "", group="84", split="train", text="GO AND SEE")
    assert second.text == "NOT TODAY"
    listing.write_text("84-121123-0002 THAN\n")
    with pytest.raises(SonogramError, match=r"line 1: there is no recording 84-121123-0002"):
        librispeech(tmp_path / inner)
    with pytest.raises(SonogramError, match="not LibriSpeech"):
        librispeech(tmp_path / "dev-clean")
