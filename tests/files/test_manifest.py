"""CSV manifests: one strict reader."""

from pathlib import Path

import pytest

from sonogram.errors import SonogramError
from sonogram.files import read_manifest


def test_rows_have_their_line_and_filled_cells(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text('path,label,other\n"a, b.wav", dog ,x\nc.wav,,\n', encoding="utf-8-sig")
    rows = read_manifest(path, ("path",), ("label",))
    assert rows == [(2, {"path": "a, b.wav", "label": "dog"}), (3, {"path": "c.wav"})]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"file\nx.wav\n", "lacks the column path; its first line must name path; got 'file'"),
        (b"path\n", "has no rows; add a line"),
        (b"path,label\na.wav,x\n,y\n", "line 3: the path is empty; fill it in"),
        (b"path\n\xff.wav\n", "not a CSV file in UTF-8"),
        (b'path\n"a.wav\n', "not a CSV file in UTF-8"),
        (b"", "lacks the column path"),
    ],
)
def test_a_manifest_that_is_wrong_is_an_error(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "list.csv"
    path.write_bytes(content)
    with pytest.raises(SonogramError, match=message):
        read_manifest(path)


def test_a_missing_manifest_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SonogramError, match=r"list.csv: cannot be read \(No such file"):
        read_manifest(tmp_path / "list.csv")
