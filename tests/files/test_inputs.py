"""What is extracted: folders, files, globs, manifests."""

from pathlib import Path

import pytest

from sonogram.errors import SonogramError
from sonogram.files import find_inputs


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    for name in ("a/1.wav", "a/2.flac", "b/1.wav", "b/notes.txt", ".hidden/3.wav"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    return tmp_path


def test_a_folder_is_searched_for_sound(tree: Path) -> None:
    assert [each.name for each in find_inputs([tree])] == ["a/1.wav", "a/2.flac", "b/1.wav"]


def test_several_folders_keep_their_names(tree: Path) -> None:
    assert [each.name for each in find_inputs([tree / "b", tree / "a"])] == ["b/1.wav", "a/1.wav", "a/2.flac"]


def test_globs_and_files(tree: Path) -> None:
    assert [each.name for each in find_inputs([str(tree / "*" / "1.wav")])] == ["a/1.wav", "b/1.wav"]
    assert [each.name for each in find_inputs([tree / "a" / "2.flac"])] == ["2.flac"]


def test_a_manifest_brings_labels(tree: Path) -> None:
    (tree / "list.csv").write_text("path,label\nb/1.wav,dog\na/1.wav,\n")
    found = find_inputs([tree / "list.csv"])
    assert [(each.name, each.label) for each in found] == [("a/1.wav", ""), ("b/1.wav", "dog")]
    assert Path(found[1].path).samefile(tree / "b" / "1.wav")


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("nowhere", "no such file or folder; check the path"),
        ("*.wav", "no file matches; check the pattern"),
        ("empty", "no sound file"),
    ],
)
def test_nothing_found_is_an_error(tree: Path, name: str, message: str) -> None:
    (tree / "empty").mkdir()
    with pytest.raises(SonogramError, match=message):
        find_inputs([str(tree / name)])


def test_standard_input_has_no_name() -> None:
    with pytest.raises(SonogramError, match="-: standard input has no name for its results here"):
        find_inputs(["-"])


def test_one_path_without_a_list(tree: Path) -> None:
    for path in (tree, str(tree)):
        with pytest.raises(SonogramError, match=r"inputs must be a list; got one path\. Use \['"):
            find_inputs(path)


def test_two_files_of_one_name(tree: Path) -> None:
    with pytest.raises(SonogramError, match=r"both be written as 1\.wav"):
        find_inputs([tree / "a" / "1.wav", tree / "b" / "1.wav"])


def test_a_csv_without_paths(tree: Path) -> None:
    (tree / "list.csv").write_text("file,label\nx,y\n")
    with pytest.raises(SonogramError, match="lacks the column path"):
        find_inputs([tree / "list.csv"])


def test_a_row_without_a_path_is_reported(tree: Path) -> None:
    (tree / "list.csv").write_text("path,label\na/1.wav,cat\n,dog\n")
    with pytest.raises(SonogramError, match=r"list\.csv, line 3: the path is empty"):
        find_inputs([tree / "list.csv"])
