"""Loads Keras models, after a look at what the file would unpack to."""

from __future__ import annotations

import io
import math
import os
import zipfile
from typing import Any

import h5py
import keras

from sonogram.errors import SonogramError
from sonogram.files import check_archive, max_unpacked
from sonogram.text import first_line

__all__ = ["load_model"]


def load_model(path: str | os.PathLike[str]) -> Any:
    """Load a Keras model that contains layers of sonogram.

    Use it instead of `keras.saving.load_model`: the layers are registered, code in the file is not run,
    and errors are one line.

    Args:
        path: A `.keras` file, as `model.save` or `sonogram train` writes it.

    Returns:
        A `keras.Model`.

    Raises:
        SonogramError: The file does not exist, is not a Keras model, or would unpack to more than 256 MiB and
            more than 20 times its size.

    Example:
        >>> import tempfile, pathlib
        >>> path = pathlib.Path(tempfile.mkdtemp()) / "model.keras"
        >>> layer = sg.layers.Spectrogram(sg.preset("yamnet"))
        >>> keras.Sequential([keras.Input((16000,)), layer]).save(path)
        >>> load_model(path).output_shape[-1]
        64

    See Also:
        `sonogram.predict`, `sonogram.export`.
    """
    if not isinstance(path, str | os.PathLike):
        raise SonogramError(f"a model is loaded from the path of a .keras file; got {type(path).__name__}")
    if not os.path.isfile(path):
        found = "is a folder" if os.path.isdir(path) else "no such file"
        raise SonogramError(f"{os.fspath(path)}: {found}; pass the path of a .keras file")
    if not (os.fspath(path).endswith(".keras") and zipfile.is_zipfile(path)):
        raise SonogramError(
            f"{os.fspath(path)}: not a Keras model (no .keras archive); pass a file that model.save wrote"
        )
    try:
        check_archive(path)
        _check_weights(path)
        return keras.saving.load_model(path, safe_mode=True)
    except Exception as error:  # Keras, zipfile and HDF5 raise many types for broken files
        line = first_line(_origin(error))
        raise SonogramError(f"{os.fspath(path)}: not a Keras model that can be loaded ({line})") from error


def _check_weights(path: str | os.PathLike[str]) -> None:
    """Raise an error for weights that are far larger in memory than in the file.

    HDF5 can compress an array, or state a shape and store nothing. Other formats may be archives again.
    """
    limit = max_unpacked(os.path.getsize(path))
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            if name.endswith(".npz"):
                raise SonogramError(f"{name} in it is not read; save the model with weights in HDF5")
            if name.endswith(".h5") and (size := _size_in_memory(archive.read(name))) > limit:
                raise SonogramError(f"{name} unpacks to {size >> 20} MiB, too much for the size of the file")


def _size_in_memory(content: bytes) -> int:
    sizes = []

    def add(_: str, found: Any) -> None:
        if isinstance(found, h5py.Dataset):
            sizes.append(math.prod(found.shape or ()) * found.dtype.itemsize)

    with h5py.File(io.BytesIO(content)) as file:
        file.visititems(add)
    return sum(sizes)


def _origin(error: BaseException) -> BaseException:
    """Return the error of sonogram inside those that Keras raised from it, or the outermost one."""
    inner: BaseException | None = error
    while inner is not None and not isinstance(inner, SonogramError):
        inner = inner.__cause__ or inner.__context__
    return inner or error
