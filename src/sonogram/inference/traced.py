"""A model as a function that can be sent to other processes."""

from __future__ import annotations

from typing import Any

from sonogram.models.batching import traced_model

__all__ = ["TracedModel"]


class TracedModel:
    """A model as a traced function of its inputs, which belongs to its process: a copy is traced again.

    Args:
        model: A Keras model.
    """

    def __init__(self, model: Any) -> None:
        self._model, self._call = model, traced_model(model)

    def __call__(self, *inputs: Any) -> Any:
        return self._call(*inputs)

    def __reduce__(self) -> tuple[Any, ...]:
        return TracedModel, (self._model,)
