"""PyTorch."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from sonogram.engines.arrays.base import Arrays

__all__ = ["Torch"]


def _either(function: Any, plain: Any) -> Any:
    """Return a binary function that also takes numbers; `plain` computes two numbers."""

    def call(a: Any, b: Any) -> Any:
        tensors = [x for x in (a, b) if isinstance(x, torch.Tensor)]
        if not tensors:
            return plain(a, b)
        like = tensors[0]
        return function(*(torch.as_tensor(x, dtype=like.dtype, device=like.device) for x in (a, b)))

    return call


class Torch(
    Arrays,
    library=torch,
    concatenate=torch.cat,
    expand=torch.unsqueeze,
    maximum=_either(torch.maximum, max),
    minimum=_either(torch.minimum, min),
):
    """Float32 on the device of the samples."""

    name = "torch"

    def samples(self, x: Any) -> Any:
        return x.to(torch.float32) / 32768.0 if x.dtype == torch.int16 else x.to(torch.float32)

    def constant(self, value: Any, like: Any) -> Any:
        return torch.from_numpy(np.array(value)).to(device=like.device, dtype=like.dtype)

    def tensor(self, array: Any) -> Any:
        return torch.from_numpy(np.ascontiguousarray(array))

    def integers(self, value: Any, like: Any) -> Any:
        return torch.as_tensor(value, device=like.device).to(torch.int64)

    def size(self, x: Any, axis: int) -> Any:
        return x.shape[axis]

    def arange(self, start: Any, stop: Any, like: Any) -> Any:
        return torch.arange(start, stop, device=like.device)

    def pad(self, x: Any, before: Any, after: Any, axis: int) -> Any:
        return torch.nn.functional.pad(x, [0, 0] * (-axis - 1) + [before, after])

    def crop(self, x: Any, start: Any, size: Any, axis: int) -> Any:
        return torch.narrow(x, axis, start, size)

    def take(self, x: Any, index: Any) -> Any:
        return torch.index_select(x, -1, index) if index.ndim == 1 else torch.gather(x, -1, index)

    def frame(self, x: Any, length: int, step: int, num_frames: Any) -> Any:
        return x.unfold(-1, length, step)  # a view without a copy

    def rows(self, x: Any, index: Any) -> Any:
        return torch.index_select(x, 0, index)

    def pick(self, x: Any, index: Any, axis: int) -> Any:
        return torch.index_select(x, axis, torch.as_tensor(index, device=x.device))

    def transpose(self, x: Any) -> Any:
        return x.transpose(-1, -2)

    def sort(self, x: Any) -> Any:
        return torch.sort(x).values

    def cumsum(self, x: Any) -> Any:
        return torch.cumsum(x, -1)

    def cast(self, x: Any, like: Any) -> Any:
        return x.to(like.dtype)

    def stop_gradient(self, x: Any) -> Any:
        return x.detach()

    def floats(self, x: Any) -> Any:
        return x.to(torch.float32)

    def amax(self, x: Any, axes: tuple[int, ...]) -> Any:
        return torch.amax(x, axes, keepdim=True)

    def asum(self, x: Any, axes: tuple[int, ...]) -> Any:
        return torch.sum(x, axes, keepdim=True)

    def matmul(self, x: Any, matrix: Any, limits: Any = None) -> Any:
        return torch.matmul(x, self.constant(matrix, x))

    def rfft(self, frames: Any, fft_length: int) -> tuple[Any, Any]:
        spectrum = torch.fft.rfft(frames, fft_length)
        return spectrum.real, spectrum.imag

    def irfft(self, spectrum: Any, fft_length: int) -> Any:
        return torch.fft.irfft(spectrum, fft_length)

    def complex(self, real: Any, imaginary: Any) -> Any:
        return torch.complex(real, imaginary)

    def correlate(self, x: Any, kernels: Any, step: int) -> Any:
        weight = self.constant(np.ascontiguousarray(kernels.transpose(2, 1, 0)), x)
        return torch.nn.functional.conv1d(x.movedim(1, 2), weight, stride=step).movedim(1, 2)
