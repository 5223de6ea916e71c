"""Text files of the user."""

from __future__ import annotations

import os
from pathlib import Path

from sonogram.errors import SonogramError

__all__ = ["read_text"]


def read_text(path: str | os.PathLike[str]) -> str:
    """Return the text of a file in UTF-8, with or without a byte order mark.

    Raises:
        SonogramError: The file cannot be read, or has another encoding.
    """
    try:
        return Path(path).read_text(encoding="utf-8-sig")
    except OSError as error:
        raise SonogramError(f"{path}: cannot be read ({error.strerror}); check the path") from None
    except UnicodeDecodeError:
        raise SonogramError(
            f"{path}: must be a text in UTF-8; this is another encoding. Save it so"
        ) from None
