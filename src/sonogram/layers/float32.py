"""Bases of the layers: one states its arguments as its configuration, one computes in float32 always."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any

import keras

from sonogram.bundle import Composite, definition_from_dict
from sonogram.definition import require_definition
from sonogram.errors import require_dense
from sonogram.frontend import Frontend

__all__ = ["ConfiguredLayer", "Float32Layer", "to_composite", "to_frontend"]


class ConfiguredLayer(keras.layers.Layer):
    """Keras layer whose configuration is made from the attributes with the names of its arguments."""

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make this layer, as plain data."""
        config: dict[str, Any] = super().get_config()
        for kind in type(self).__mro__[: type(self).__mro__.index(ConfiguredLayer)]:
            if "__init__" in vars(kind):
                _, *names, _ = inspect.signature(vars(kind)["__init__"]).parameters  # not self and kwargs
                config |= {name: _plain(getattr(self, name)) for name in names}
        return config


class Float32Layer(ConfiguredLayer):
    """Keras layer that ignores the dtype policy: float16 is too coarse for audio and for statistics.

    The policy still applies to the layers that follow.

    Args:
        **kwargs: Arguments of `keras.layers.Layer`; `dtype` is ignored.
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{**kwargs, "dtype": "float32"})

    def __call__(self, inputs: Any, *args: Any, **kwargs: Any) -> Any:
        for each in inputs if isinstance(inputs, (list, tuple)) else (inputs,):
            require_dense(each)  # in one line: Keras adds several to an error inside `call`
        return super().__call__(inputs, *args, **kwargs)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make this layer, as plain data."""
        config = super().get_config()
        config.pop("dtype", None)
        return config


def to_composite(definition: Frontend | Composite | Mapping[str, Any]) -> Frontend | Composite:
    """Return a front end, or several as one, given as itself or, in a saved layer, as plain data."""
    if isinstance(definition, Mapping):
        return definition_from_dict(definition)
    return definition if isinstance(definition, Composite) else to_frontend(definition)


def to_frontend(definition: Frontend | Mapping[str, Any]) -> Frontend:
    """Return a front end, whether it is given as one or, in a saved layer, as plain data."""
    if isinstance(definition, Mapping):
        return Frontend.from_dict(definition)
    require_definition(definition)
    return definition


def _plain(value: Any) -> Any:
    if isinstance(value, (Frontend, Composite)):
        return value.to_dict()
    if hasattr(value, "plain"):
        return value.plain()
    return list(value) if isinstance(value, tuple) else value
