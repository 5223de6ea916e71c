"""CSV manifests: one strict reader."""

from pathlib import Path

import pytest

from sonogram.dataset import Clip, Clips, clips
from sonogram.errors import SonogramError
from sonogram.files import find_inputs, read_manifest


def test_rows_have_their_line_and_filled_cells(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text('path,label,other\n"a, b.wav", dog ,x\nc.wav,,\n', encoding="utf-8-sig")
    rows = read_manifest(path, ("path",), ("label",))
    assert rows == [(2, {"path": "a, b.wav", "label": "dog"}), (3, {"path": "c.wav"})]


WRONG = {
    "another column": (b"file\nx.wav\n", "lacks the column path; its first line must name path"),
    "an empty file": (b"", "lacks the column path"),
    "header only": (b"path,label\n", "has no rows; add a line path"),
    "an empty path": (b"path,label\na.wav,x\n,y\n", "line 3: the path is empty; fill it in"),
    "Latin-1": (b"path\n\xff.wav\n", 'must be text in UTF-8.*Save it as "CSV UTF-8"'),
    "UTF-16": ("path,label\na.wav,x\n".encode("utf-16"), "must be text in UTF-8"),
    "UTF-16 without a mark": ("path,label\na.wav,x\n".encode("utf-16-le"), "line 1: a manifest must be text"),
    "binary": (b"RIFF\0\0\0\0WAVEfmt ", "line 1: a manifest must be text"),
    "semicolons": (b"path;label\na.wav;x\n", "separated by semicolons; separate them by commas: path,label"),
    "tabs": (b"path\tlabel\na.wav\tx\n", "separated by tabs; separate them by commas: path,label"),
    "upper case": (b"Path,Label\na.wav,x\n", "names the column 'Path'; write 'path'"),
    "an optional column in upper case": (b"path,Label\na.wav,x\n", "the column 'Label'; write 'label'"),
    "an open quote": (b'path,label\na.wav,x\n"b.wav,y\nc.wav,z\n', r'line 3: a quotation mark \("\) opens'),
    "a quote inside": (
        b'path,label\n"a" b.wav,x\n',
        'line 2: not CSV .*write a quotation mark in a cell as ""',
    ),
    "a doubled column": (b"path,label,label\na.wav,x,y\n", "names the column label 2 times; keep one"),
    "too many cells": (b"path,label\na, b.wav,x\n", "line 2: 3 cells, but the first line names 2 columns"),
    "a lone CR": (b"path,label,group\r,split\r\na.wav,x,g,s\r\n", r"line 1: a carriage return \(CR\) inside"),
    "CR alone": (b"path,label\ra.wav,x\r", r"line 1: a carriage return \(CR\) inside"),
}


@pytest.mark.parametrize("kind", WRONG)
def test_a_manifest_that_is_wrong_is_an_error(tmp_path: Path, kind: str) -> None:
    content, message = WRONG[kind]
    path = tmp_path / "list.csv"
    path.write_bytes(content)
    with pytest.raises(SonogramError, match=message) as error:
        read_manifest(path, ("path",), ("label",))
    assert str(error.value).startswith(str(path))
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("kind", WRONG)
def test_training_and_extraction_refuse_it_with_the_same_words(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "list.csv"
    path.write_bytes(WRONG[kind][0])
    with pytest.raises(SonogramError) as extracted:
        find_inputs([path])
    with pytest.raises(SonogramError) as trained:
        clips(path)
    # Training needs the label as well, and says so in the list of columns.
    assert str(extracted.value).partition(";")[0] in str(trained.value).replace(
        "columns path and label", "column path"
    )


def test_spaces_blank_lines_and_empty_cells_at_the_end_are_no_error(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_bytes(b"path , label,\r\n\r\n a.wav ,x,,\r\nb.wav\r\n")
    rows = read_manifest(path, ("path",), ("label",))
    assert rows == [(3, {"path": "a.wav", "label": "x"}), (4, {"path": "b.wav"})]


def test_quoted_names_keep_commas_quotes_and_line_breaks(tmp_path: Path) -> None:
    names = ["a, b.wav", 'say "hi".wav', "two\nlines.wav"]
    path = tmp_path / "list.csv"
    Clips([Clip(str(tmp_path / name), "x") for name in names]).save(path)
    assert [row.values["path"] for row in read_manifest(path)] == names


def test_a_file_with_two_labels_is_refused_by_both(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text("path,label\na.wav,x\na.wav,y\n", encoding="utf-8")
    for read in (lambda: find_inputs([path]), lambda: clips(path)):
        with pytest.raises(SonogramError, match=r"a\.wav: .*List it once"):
            read()


def test_a_missing_manifest_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SonogramError, match=r"list.csv: cannot be read \(No such file"):
        read_manifest(tmp_path / "list.csv")


def test_empty_rows_of_a_spreadsheet_are_no_rows(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text("path,label\na.wav,x\n,\n  \nb.wav,y\n,,\n")
    assert [row.line for row in read_manifest(path, ("path", "label"))] == [2, 5]


def test_the_separator_line_of_excel_is_named(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text("sep=;\npath;label\na.wav;x\n")
    with pytest.raises(SonogramError, match="the first line is a note for Excel, 'sep=;'; delete it"):
        read_manifest(path, ("path", "label"))
