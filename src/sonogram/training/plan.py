"""Everything that decides the result of a training besides the clips, as plain data."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import keras

from sonogram.backbones import card, split_name
from sonogram.decoding.alphabet import Units
from sonogram.definition import require_definition
from sonogram.errors import SonogramError
from sonogram.frontend import Frontend
from sonogram.models import describe
from sonogram.models.bodies import network_names
from sonogram.training.settings import TrainingSettings

__all__ = ["TrainingPlan"]


@dataclass(frozen=True)
class TrainingPlan:
    """Parameters of a training. A trained model stores them; see `models.ModelInfo.training`.

    It also stores "clips": digests of the clips, by which `evaluate` notices clips that it was trained on.
    """

    frontend: Frontend | None = None
    """Definition of the features; None chooses one, see `choose_frontend`."""
    network: str | None = None
    """Network, or an ensemble such as "cnn+crnn"; None chooses one, see `choose_network`."""
    multi_label: bool = False
    """Whether a label such as "bird;rain" means both labels."""
    settings: TrainingSettings = TrainingSettings()
    """Training settings."""
    center: str | None = None
    """Mean to subtract, of the "clip" or of each "band"; None chooses by the groups, see `choose_center`."""
    backbone: str | None = None
    """Published network to put a linear head on, instead of training one; see `sonogram.backbones`. With
    networks, as in "yamnet+cnn", those are trained as well, and the probabilities averaged."""
    join: int | None = None
    """Largest number of recordings of a group to join to one utterance, for speech recognition; None joins
    none."""
    units: Units | None = None
    """Symbols of a speech recognizer, "letters" or "words"; None chooses by the vocabulary."""

    def validate(self) -> None:
        """Raise a `SonogramError` if the plan cannot be executed."""
        if keras.backend.backend() != "tensorflow":
            raise SonogramError(
                f"training needs Keras on TensorFlow; it runs on {keras.backend.backend()}. Set "
                "KERAS_BACKEND=tensorflow"
            )
        if self.backbone is not None:
            name, networks = split_name(self.backbone)
            card(name)
            if networks is not None:
                network_names(networks)
            if (self.frontend, self.network, self.center) != (None, None, None):
                raise SonogramError(
                    f"the backbone {self.backbone} has its own front end and network; leave out the others"
                )
        if self.join is not None and self.join < 1:
            raise SonogramError(f"join must be at least 1 recording; got {self.join}")
        if self.network is not None:
            network_names(self.network)
        if self.frontend is not None:
            require_definition(self.frontend)
        if self.frontend is not None and not float(self.frontend.sample_rate).is_integer():
            raise SonogramError(
                f"sample_rate of the front end must be a whole number of Hz; got {self.frontend.sample_rate}"
            )

    def to_dict(self) -> dict[str, Any]:
        """Return the plan as plain data for JSON."""
        frontend = None if self.frontend is None else self.frontend.to_dict()
        return {**vars(self), "frontend": frontend, "settings": self.settings.to_dict()}

    @classmethod
    def from_dict(cls, plain: dict[str, Any]) -> TrainingPlan:
        """Return the plan that `to_dict` converted.

        Args:
            plain: Result of `to_dict`.
        """
        values = {field.name: plain[field.name] for field in fields(cls)}
        values["settings"] = TrainingSettings(**values["settings"])
        if values["frontend"] is not None:
            values["frontend"] = Frontend.from_dict(values["frontend"])
        return cls(**values)

    @classmethod
    def from_model(cls, model: keras.Model) -> TrainingPlan:
        """Return the plan that a model was trained with.

        Args:
            model: Trained model.

        Raises:
            SonogramError: The model stores no plan, or one of another version.
        """
        plain = describe(model).training
        if plain is None:
            raise SonogramError(
                f"the model {model.name!r} stores no training plan, so folds cannot be trained. Train it "
                "with `sonogram train`"
            )
        try:
            return cls.from_dict(dict(plain))
        except (KeyError, TypeError) as error:
            raise SonogramError(
                f"the model {model.name!r} stores a training plan of another version of sonogram ({error}). "
                "Evaluate it with the version that trained it"
            ) from None
