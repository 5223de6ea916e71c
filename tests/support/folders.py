"""The contents of a folder, to compare two of them byte by byte."""

from pathlib import Path


def contents(folder: Path) -> dict[str, bytes]:
    """Return the bytes of each file below `folder`, by relative path."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
