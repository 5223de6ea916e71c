"""Well-known data sets, as tiny trees of the same shape."""

from collections.abc import Callable
from pathlib import Path

import pytest

from sonogram.dataset import Clip, background_noise, clips, esc50, gtzan, leave_one_out, speech_commands
from sonogram.errors import SonogramError

# Speakers, and the parts that the lists published with the data put them in.
PUBLISHED = {
    "026290a7": "validation",
    "a69b9b3e": "validation",
    "0c40e715": "testing",
    "0ea0e2f4": "testing",
    "42beb5eb": "testing",
    "44260689": "testing",
    "022cd682": "testing",
    "004ae714": "training",
    "00b01445": "training",
}


@pytest.fixture
def commands(tmp_path: Path, touch: Callable[..., None]) -> Path:
    for speaker in PUBLISHED:
        touch(tmp_path, f"bed/{speaker}_nohash_0.wav", f"yes/{speaker}_nohash_0.wav")
    touch(
        tmp_path,
        "yes/026290a7_nohash_1.wav",
        "_background_noise_/pink_noise.wav",
        "_background_noise_/README.md",
    )
    touch(tmp_path, "README.md", "LICENSE")
    return tmp_path


def test_the_hash_of_speech_commands_is_the_published_one(commands: Path) -> None:
    found = speech_commands(commands)
    assert len(found) == 19
    assert found.classes == ("bed", "yes")
    assert {clip.group: clip.split for clip in found} == PUBLISHED


def test_a_folder_of_speech_commands_is_read_as_it_lies(commands: Path) -> None:
    found = clips(commands)
    assert found.counts == {"bed": 9, "yes": 10}  # and no class of noise
    assert found.groups == set(PUBLISHED)
    assert not found.splits
    (commands / "validation_list.txt").write_text("bed/00b01445_nohash_0.wav\n", encoding="utf-8")
    (commands / "testing_list.txt").write_text("yes/026290a7_nohash_1.wav\n", encoding="utf-8")
    assert clips(commands) == speech_commands(commands)


def test_the_lists_of_speech_commands_come_first(commands: Path) -> None:
    (commands / "validation_list.txt").write_text("bed/00b01445_nohash_0.wav\n", encoding="utf-8")
    with pytest.raises(SonogramError, match="and not the other list"):
        speech_commands(commands)
    (commands / "testing_list.txt").write_text("yes/026290a7_nohash_1.wav\n", encoding="utf-8")
    found = speech_commands(commands)
    assert [Path(path).name for path in found.of_split("validation").paths] == ["00b01445_nohash_0.wav"]
    assert [Path(path).name for path in found.of_split("testing").paths] == ["026290a7_nohash_1.wav"]
    assert len(found.of_split("training")) == 17


def test_the_other_words_become_one_class(commands: Path) -> None:
    found = speech_commands(commands, ["yes"])
    assert found.counts == {"unknown": 9, "yes": 10}
    with pytest.raises(SonogramError, match="has no folder for no"):
        speech_commands(commands, ["yes", "no"])


def test_background_noise_is_apart(commands: Path, tmp_path: Path) -> None:
    assert background_noise(commands) == (str(commands / "_background_noise_" / "pink_noise.wav"),)
    (tmp_path / "none").mkdir()
    with pytest.raises(SonogramError, match="lacks a folder _background_noise_"):
        background_noise(tmp_path / "none")


def test_esc50_has_five_folds_that_no_recording_crosses(tmp_path: Path) -> None:
    (tmp_path / "meta").mkdir()
    rows = [
        f"{fold}-{100 + fold}-A-{target}.wav,{fold},{target},{label},{esc10},{100 + fold},A"
        for fold in range(1, 6)
        for target, label, esc10 in ((0, "dog", True), (14, "chirping_birds", False))
    ]
    head = "filename,fold,target,category,esc10,src_file,take"
    (tmp_path / "meta" / "esc50.csv").write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
    found = esc50(tmp_path)
    assert found.classes == ("chirping_birds", "dog")
    assert found[0] == Clip(str(tmp_path / "audio" / "1-101-A-0.wav"), "dog", "101", "1")
    parts = leave_one_out(found, by="split")
    assert len(parts) == 5
    assert not any(part.train.groups & part.validation.groups for part in parts)
    assert esc50(tmp_path, esc10=True).classes == ("dog",)


def test_esc50_without_its_table_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SonogramError, match=r"lacks a file meta/esc50\.csv"):
        esc50(tmp_path)
    (tmp_path / "meta").mkdir()
    (tmp_path / "meta" / "esc50.csv").write_text("filename,fold\n1.wav,1\n", encoding="utf-8")
    with pytest.raises(SonogramError, match="must have the columns filename, fold, category"):
        esc50(tmp_path)


@pytest.mark.parametrize(
    ("folder", "ending"), [("genres", "wav"), ("genres", "au"), ("genres_original", "wav"), ("", "wav")]
)
def test_gtzan_in_its_editions(tmp_path: Path, touch: Callable[..., None], folder: str, ending: str) -> None:
    touch(
        tmp_path / folder,
        *(f"{genre}/{genre}.0000{i}.{ending}" for genre in ("blues", "jazz") for i in range(3)),
    )
    touch(tmp_path, "images_original/blues/blues00000.png")
    found = gtzan(tmp_path)
    assert found.counts == {"blues": 3, "jazz": 3}
    assert found.groups == found.splits == frozenset()


def test_another_folder_is_no_gtzan(tmp_path: Path, touch: Callable[..., None]) -> None:
    touch(tmp_path, "dog/1.wav")
    with pytest.raises(SonogramError, match="lacks genre folders"):
        gtzan(tmp_path)
    with pytest.raises(SonogramError, match="no such folder"):
        gtzan(tmp_path / "absent")
