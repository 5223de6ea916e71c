"""The instruction sets of the native engine, one after the other."""

from collections.abc import Iterator

import pytest
from engine_names import why_not_native

from sonogram.engines.native import arrays, call
from sonogram.native import library

ISAS = ["none"] if why_not_native() else library.library().sonogram_isas().decode().split(", ")


@pytest.fixture(params=ISAS)
def isa(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Each instruction set that this processor has, in turn."""
    for module in (arrays, call):
        monkeypatch.setattr(module, "isa", lambda: request.param)
    call._program.cache_clear()
    yield request.param
    call._program.cache_clear()
