"""`Request`: what a request to the viewer's server contains; and arrays as responses."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from starlette.responses import Response

from sonogram.frontend import Frontend
from sonogram.viewer.errors import RefusedError
from sonogram.viewer.recording import Recording
from sonogram.viewer.session import Session

__all__ = ["Handler", "Request", "array_response"]

_MAX_INDEX = 1 << 40


@dataclass
class Request:
    """A request to the viewer's server."""

    session: Session
    path: Mapping[str, str]
    """Parts of the address by name."""
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: Any
    """JSON of a write."""
    cancelled: threading.Event = field(default_factory=threading.Event)
    """Set when the page does not want the answer any more."""

    @property
    def recording(self) -> Recording:
        """The file that the address names."""
        return self.session.recording(self.path["file"])

    @property
    def frontend(self) -> Frontend:
        """The definition that the address names."""
        return self.session.frontend(self.path["definition"])

    def number(self, name: str, default: float | None = None, highest: float = _MAX_INDEX) -> float:
        """Return a number of at least 0, from the address or the query."""
        text = self.path.get(name, self.query.get(name))
        if text is None and default is not None:
            return default
        try:
            value = float(text or "")
        except ValueError:
            value = math.nan
        if not 0 <= value <= highest:
            raise RefusedError(400, f"{name} must be a number from 0 to {highest:g}; got {str(text)[:40]!r}")
        return value

    def whole(self, name: str, default: int | None = None, highest: int = _MAX_INDEX) -> int:
        """Return a whole number of at least 0, from the address or the query."""
        value = self.number(name, default, highest)
        if value != int(value):
            raise RefusedError(400, f"{name} must be a whole number; got {value:g}")
        return int(value)


Handler = Callable[[Request], Response]
"""Function that answers a request."""


def array_response(
    values: NDArray[Any], complete: bool = True, tag: str | None = None, **headers: Any
) -> Response:
    """Return an array as a response; `first_frame=0` becomes the header `X-First-Frame: 0`."""
    own = {f"X-{name.replace('_', '-').title()}": str(value) for name, value in headers.items()}
    own |= {"X-Complete": str(int(complete)), "Cache-Control": "private, no-cache"}
    if tag is not None and complete:
        own["ETag"] = tag
    return Response(
        np.ascontiguousarray(values).tobytes(), media_type="application/octet-stream", headers=own
    )
