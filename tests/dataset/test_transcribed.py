"""Published recordings of speech, as tiny trees of the same shape."""

from collections.abc import Callable
from pathlib import Path

import pytest

from sonogram.dataset import Clip, common_voice, librispeech
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
