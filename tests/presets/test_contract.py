"""The contract over the presets: in full over eight that use every stage, the cheap parts over all."""

import json
from pathlib import Path

import contract
import pytest

import sonogram as sg

CHEAP = ("chunks", "data", "energy", "engines agree", "tone")
LEFT_OUT = {"librosa-chroma-cqt"}
"""Frames of 1.6 s: their stages are those of librosa-cqt and librosa-chroma-stft."""
SLOW = {"mert-cqt", "pesto"}
"""NumPy takes minutes for their kernels."""
ASKED = [
    pytest.param(name, marks=[pytest.mark.accept] * (name in SLOW))
    for name in sorted(set(sg.preset_names()) - set(contract.EVERY_STAGE) - LEFT_OUT)
]
FINGERPRINTS = Path(__file__).with_name("fingerprints.json")


@pytest.mark.parametrize("check", contract.CHECKS)
@pytest.mark.parametrize("name", contract.EVERY_STAGE)
def test_preset_keeps_the_contract(name: str, check: str) -> None:
    contract.CHECKS[check](sg.preset(name))


@pytest.mark.parametrize("check", CHEAP)
@pytest.mark.parametrize("name", ASKED)
def test_every_preset_keeps_what_is_quick_to_ask(name: str, check: str) -> None:
    contract.CHECKS[check](sg.preset(name))


def test_a_released_preset_never_changes() -> None:
    """Also holds every default: one that changed would change these. Add, never edit."""
    written = json.loads(FINGERPRINTS.read_text(encoding="utf-8"))
    names = (*sg.preset_names(), *sg.presets.bundle_preset_names())
    assert {name: sg.preset(name).fingerprint for name in names} == written
