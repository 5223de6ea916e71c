from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from sonogram.dataset import Clip, Clips, LoadedClips, clips
from sonogram.errors import SonogramError


def write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def test_a_folder_of_class_folders_gives_its_sounds_in_order(
    tmp_path: Path, touch: Callable[..., None]
) -> None:
    touch(tmp_path, "dog/2.FLAC", "dog/1.wav", "cat/deep/er/1.mp3", "cat/notes.txt", "cat/.hidden.wav")
    touch(tmp_path, ".git/1.wav", "loose.wav", "empty/readme.md")
    found = clips(tmp_path)
    names = [Path(path).relative_to(tmp_path).as_posix() for path in found.paths]
    assert names == ["cat/deep/er/1.mp3", "dog/1.wav", "dog/2.FLAC"]
    assert found.classes == ("cat", "dog")
    assert found.numbers.tolist() == [0, 1, 1]
    assert found.counts == {"cat": 1, "dog": 2}
    assert found.groups == found.splits == frozenset()


def test_a_link_to_where_it_lies_is_not_followed(tmp_path: Path, touch: Callable[..., None]) -> None:
    touch(tmp_path, "data/cat/1.wav", "data/dog/1.wav", "more/2.wav")
    (tmp_path / "data" / "cat" / "up").symlink_to("..")
    (tmp_path / "data" / "cat" / "more").symlink_to(tmp_path / "more")
    found = clips(tmp_path / "data")
    names = [Path(path).relative_to(tmp_path / "data").as_posix() for path in found.paths]
    assert names == ["cat/1.wav", "cat/more/2.wav", "dog/1.wav"]


def test_a_manifest_gives_paths_beside_it_groups_and_splits(tmp_path: Path) -> None:
    path = write(
        tmp_path / "list.csv",
        '\ufeffpath,label,group,split,note\n"a, b.wav",dog,anna,train,x\nsub/c.wav,cat,,,\n',
    )
    assert list(clips(path)) == [
        Clip(str(tmp_path / "a, b.wav"), "dog", "anna", "train"),
        Clip(str(tmp_path / "sub" / "c.wav"), "cat", None, None),
    ]
    assert clips(path).groups == {"anna"}


def test_a_folder_with_a_manifest_is_read_by_it(tmp_path: Path, touch: Callable[..., None]) -> None:
    touch(tmp_path, "dog/1.wav", "dog/2.wav")
    write(tmp_path / "manifest.csv", "path,label,group\ndog/1.wav,dog,anna\n")
    assert [clip.group for clip in clips(tmp_path)] == ["anna"]


def test_clips_and_text_paths_are_taken_as_they_are(tmp_path: Path, touch: Callable[..., None]) -> None:
    touch(tmp_path, "dog/1.wav")
    assert clips(clips(str(tmp_path))) == clips(tmp_path)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "lacks the columns path and label"),
        ("file,label\n1.wav,dog\n", "lacks the column path; its first line must name path,label"),
        ("path,label\n", "the manifest has no rows"),
        ("path,label\n1.wav,dog\n2.wav,\n", "line 3: the label is empty"),
        ("path,label\n,dog\n", "line 2: the path is empty"),
        ("path,label\n1.wav,dog\n1.wav,cat\n", "1.wav: listed 2 times"),
        ("path,label\n1.wav,dog\nsub/../1.wav,cat\n", "1.wav are one file; list it once"),
    ],
)
def test_a_manifest_that_is_not_whole_is_refused_in_one_line(
    tmp_path: Path, text: str, complaint: str
) -> None:
    path = write(tmp_path / "manifest.csv", text)
    with pytest.raises(SonogramError) as caught:
        clips(path)
    assert complaint in str(caught.value)
    assert str(caught.value).startswith(str(path))
    assert "\n" not in str(caught.value)


def test_what_is_no_manifest_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "sound.wav"
    path.write_bytes(b"RIFF\xff\xfe\x00\x00")
    with pytest.raises(SonogramError, match="must be text"):
        clips(path)


def test_nothing_there_is_refused(tmp_path: Path, touch: Callable[..., None]) -> None:
    with pytest.raises(SonogramError, match="no such folder or manifest"):
        clips(tmp_path / "absent")
    touch(tmp_path, "dog/readme.txt")
    with pytest.raises(SonogramError, match="holds no sound in class folders"):
        clips(tmp_path)


def test_parts_keep_the_classes_of_the_whole() -> None:
    whole = Clips([Clip("1", "dog", split="5"), Clip("2", "cat", split="1"), Clip("3", "ape", split="1")])
    part = whole.of_split("1")
    assert part.classes == ("ape", "cat", "dog")
    assert part.numbers.tolist() == [1, 0]
    assert part.counts == {"ape": 1, "cat": 1, "dog": 0}
    assert whole[1:].classes == whole.classes
    with pytest.raises(SonogramError, match="no split 'test'; there are 1, 5"):
        whole.of_split("test")


def test_selected_clips_have_the_order_of_their_indices() -> None:
    whole = Clips([Clip(f"{label}.wav", label) for label in "abc"])
    assert whole.select([2, 0]) == Clips([whole[2], whole[0]], "abc")
    samples = tuple(np.full(size, size, np.float32) for size in (1, 2, 3))
    chosen = LoadedClips(whole, samples, 8000).select(np.array([2, 0]))
    assert chosen.clips.paths == ("c.wav", "a.wav")
    assert [len(each) for each in chosen.samples] == [3, 1]
    assert chosen.sample_rate == 8000


def test_rare_classes_can_be_left_out() -> None:
    whole = Clips(Clip(f"{index}", "aabbbc"[index]) for index in range(6))
    assert whole.of_frequent_classes(2).classes == ("a", "b")
    assert len(whole.of_frequent_classes(3)) == 3


def test_a_label_that_is_no_class_is_refused() -> None:
    with pytest.raises(SonogramError, match="'dog' is not one of the classes cat"):
        Clips([Clip("1", "dog")], ["cat"])


def test_clips_are_saved_as_a_manifest_that_reads_back(tmp_path: Path) -> None:
    whole = Clips(
        [
            Clip(str(tmp_path / "x" / "1, 2.wav"), "dog", "anna"),
            Clip(str(tmp_path / "2.wav"), "cat", None, "test"),
        ]
    )
    (tmp_path / "lists").mkdir()
    whole.save(tmp_path / "lists" / "all.csv")
    text = (tmp_path / "lists" / "all.csv").read_text(encoding="utf-8")
    assert text == 'path,label,group,split\n"../x/1, 2.wav",dog,anna,\n../2.wav,cat,,test\n'
    again = clips(tmp_path / "lists" / "all.csv")
    assert [clip[1:] for clip in again] == [clip[1:] for clip in whole]
    assert [Path(path).resolve() for path in again.paths] == [Path(path).resolve() for path in whole.paths]
