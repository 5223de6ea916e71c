"""Which files of a folder are sound."""

from pathlib import Path

from sonogram.files import sound_files


def test_sound_files_are_found_by_their_ending(tmp_path: Path) -> None:
    for name in ("b/1.WAV", "a/2.flac", "a/notes.txt", ".hidden/3.wav", "a/.4.wav"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / "a" / "loop").symlink_to(tmp_path)
    found = [path.relative_to(tmp_path).as_posix() for path in sound_files(tmp_path)]
    assert found == ["a/2.flac", "b/1.WAV"]
