"""Archives that unpack to far more than their size."""

import subprocess
import sys
import zipfile
import zlib
from pathlib import Path

import pytest

from sonogram.errors import SonogramError
from sonogram.files import check_archive, max_unpacked

MIB = 1 << 20


def write_zeros(path: Path, count: int, method: int = zipfile.ZIP_DEFLATED) -> Path:
    """Write an archive with an entry of `count` MiB of zeros."""
    with (
        zipfile.ZipFile(path, "w", method, compresslevel=1) as archive,
        archive.open("config.json", "w") as file,
    ):
        for _ in range(count):
            file.write(bytes(MIB))
    return path


def write_lie(path: Path, count: int, claimed: int) -> Path:
    """Write an archive that states another size, with the checksum of as many zeros."""
    write_zeros(path, count)
    with zipfile.ZipFile(path, "a") as archive:
        entry = archive.getinfo("config.json")
        entry.file_size, entry.CRC = claimed, zlib.crc32(bytes(claimed))
        archive.comment = b"written again"
    return path


def test_what_may_be_unpacked_follows_the_size() -> None:
    assert max_unpacked(0) == max_unpacked(MIB) == 256 * MIB
    assert max_unpacked(100 * MIB) == 2000 * MIB


def test_a_bomb_is_refused_from_its_directory(tmp_path: Path) -> None:
    path = write_zeros(tmp_path / "bomb.zip", 257)
    assert path.stat().st_size < 2 * MIB
    with pytest.raises(SonogramError, match="it unpacks to 257 MiB, too much for the size of the file"):
        check_archive(path)
    with path.open("rb") as file, pytest.raises(SonogramError, match="257 MiB"):
        check_archive(file)


def test_many_entries_are_added_up(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(65):
            archive.writestr(f"{number}", bytes(4 * MIB), compresslevel=1)
    with pytest.raises(SonogramError, match="260 MiB"):
        check_archive(tmp_path / "bomb.zip")


@pytest.mark.parametrize("claimed", [0, 10, 3 * MIB])
def test_an_entry_that_lies_is_refused(tmp_path: Path, claimed: int) -> None:
    path = write_lie(tmp_path / "bomb.zip", 4, claimed)
    with pytest.raises((SonogramError, zipfile.BadZipFile), match=r"unpacks to more|Bad CRC"):
        check_archive(path)


def test_other_methods_are_refused(tmp_path: Path) -> None:
    path = write_zeros(tmp_path / "bomb.zip", 1, zipfile.ZIP_BZIP2)
    with pytest.raises(SonogramError, match="another method than deflate"):
        check_archive(path)


def test_honest_archives_pass(tmp_path: Path) -> None:
    check_archive(write_zeros(tmp_path / "small.zip", 200))
    check_archive(write_zeros(tmp_path / "stored.zip", 5, zipfile.ZIP_STORED))


@pytest.mark.exhaustive
@pytest.mark.skipif(sys.platform != "linux", reason="limits of Linux")
@pytest.mark.parametrize("claimed", [800 * MIB, 100])
def test_memory_stays_small(tmp_path: Path, claimed: int) -> None:
    path = tmp_path / "bomb.zip"
    write_lie(path, 800, claimed)
    code = (
        "import resource, sys, zipfile\n"
        "from sonogram.files import check_archive\n"
        "resource.setrlimit(resource.RLIMIT_AS, (400 << 20, 400 << 20))\n"
        "try: check_archive(sys.argv[1])\n"
        "except (ValueError, zipfile.BadZipFile) as error: print('refused', error)\n"
    )
    ran = subprocess.run([sys.executable, "-c", code, path], capture_output=True, text=True, check=False)
    assert ran.stdout.startswith("refused"), ran.stderr
