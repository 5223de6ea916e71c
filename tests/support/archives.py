"""Folders compared byte by byte."""

from pathlib import Path


def contents(folder: Path) -> dict[str, bytes]:
    """What lies in a folder, byte by byte."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
