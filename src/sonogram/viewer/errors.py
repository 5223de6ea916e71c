"""Answers of the viewer other than success."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sonogram.errors import SonogramError

__all__ = ["RefusedError"]


class RefusedError(SonogramError):
    """An answer other than success, as an HTTP status.

    Args:
        status: HTTP status.
        message: What is wrong, and how to fix it.
        content: Further fields of the answer.
    """

    def __init__(self, status: int, message: str, content: Mapping[str, Any] | None = None) -> None:
        super().__init__(message)
        self.status, self.content = status, content or {}
