"""What originals returned on one difficult signal: digital silence, a click, DC, clipping, odd lengths.

`bench/parity.py --record` wrote the recordings with the originals installed (`make parity
ARGS=--record`); the signal is described in bench/parity/signals.py. `figures.json` holds the errors that
were found then: [largest, RMS, relative]. An engine may come no further from its original than that.
"""

import json
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import engine_list
import numpy as np
import pytest
from numpy.typing import NDArray
from parity.bounds import Difference, compare
from parity.record import cases
from parity.signals import composite

import sonogram as sg

RECORDINGS = Path(__file__).with_name("recordings")
FIGURES: dict[str, dict[str, list[float]]] = json.loads(
    (RECORDINGS / "figures.json").read_text(encoding="utf-8")
)
# Another processor or library adds up in another order, which moves float32 noise about this much.
GROWTH = 3.0
# Below this part of its bound an error is nothing that could be seen to grow.
NEGLIGIBLE = 0.05
# No original that can be installed: `tests/golden` has a recording of the chirp.
WITHOUT = {"flashlight-mfsc", "perch-pcen"}


@cache
def recorded(name: str) -> dict[str, Any]:
    with np.load(RECORDINGS / f"{name}.npz") as arrays:
        return {key: arrays[key] for key in arrays.files}


@cache
def clips(rate: int) -> dict[str, NDArray[np.int16]]:
    with np.load(RECORDINGS / "signals.npz") as arrays:
        return cases(arrays[str(rate)], rate)


def found(name: str, engine: str) -> list[Difference]:
    frontend = sg.preset(name)
    heard = clips(int(frontend.sample_rate))
    return [
        compare(frontend, frontend(clip, engine), recorded(name)[case], clip / np.float32(32768))
        for case, clip in heard.items()
    ]


def test_every_preset_with_an_original_has_a_recording() -> None:
    assert set(FIGURES) | WITHOUT == set(sg.preset_names())
    assert {path.stem for path in RECORDINGS.glob("*.npz")} == set(FIGURES) | {"signals"}


def test_the_recorded_signals_follow_their_recipe() -> None:
    with np.load(RECORDINGS / "signals.npz") as arrays:
        for rate in arrays.files:
            # Mathematical libraries differ in the last digit of a sine: one step of 16 bits at most.
            made = composite(int(rate)).astype(np.int32)
            assert np.abs(made - arrays[rate]).max() <= 1, rate
            assert len(made) % 2, "the signal has an odd number of samples"


@pytest.mark.parametrize("engine", engine_list.ALL)
@pytest.mark.parametrize("name", FIGURES)
def test_engine_agrees_with_the_original_as_well_as_it_did(name: str, engine: str) -> None:
    differences = found(name, engine)
    share = max(difference.share for difference in differences)
    assert share <= 1, f"{name} on {engine} takes {share:.1f} times its bound: {differences}"
    if share < NEGLIGIBLE:
        return
    figures = [
        max(difference.largest for difference in differences),
        max(difference.rms for difference in differences),
        max(float(np.nan_to_num(difference.relative)) for difference in differences),
    ]
    grown = [now > GROWTH * before for now, before in zip(figures, FIGURES[name][engine], strict=True)]
    assert not any(grown), f"{name} on {engine}: max, RMS, relative {figures}; were {FIGURES[name][engine]}"


def test_a_small_change_of_the_definition_is_noticed() -> None:
    """The judge must be able to fail: one knob off by a little breaks a bound."""
    frontend = sg.preset("whisper-80")
    clip = clips(16000)["whole"]
    wanted, samples = recorded("whisper-80")["whole"], clip / np.float32(32768)
    assert compare(frontend, frontend(samples, "numpy"), wanted, samples).share < 0.5
    for changed in (
        replace(frontend, window=sg.windows.Hann(symmetry="symmetric")),
        replace(frontend, bands=replace(frontend.bands, lower_hz=1)),
        replace(frontend, padding=sg.padding.Center(mode="symmetric", last_frame="drop")),
        replace(frontend, scaling=replace(frontend.scaling, dynamic_range=7.99)),
    ):
        assert compare(frontend, changed(samples, "numpy"), wanted, samples).share > 1, changed
