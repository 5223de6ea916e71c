"""The contract over definitions that nobody chose."""

import os

import contract
import pytest
import strategies
from agreement import Bounds
from hypothesis import Phase, given, settings

import sonogram as sg

# Bins of a drawn definition can be a thousand times fainter than their frame; the linear bound, of
# the frame's maximum, is as tight as for presets.
DRAWN = Bounds(linear=5e-5, log_max=2e-2, log_rms=2e-3, cepstra=2e-3, pcen=1e-4)


def draws(count: int) -> settings:
    """That many, failing at once; HYPOTHESIS_PROFILE=explore draws many more and makes them small."""
    # Making a failure small runs TensorFlow thousands of times: minutes that a plain run has not.
    if os.environ.get("HYPOTHESIS_PROFILE"):
        return settings()
    return settings(max_examples=count, phases=(Phase.explicit, Phase.generate))


ALONE = ("counts", "engines agree")


@pytest.mark.parametrize("check", [name for name in contract.CHECKS if name not in ALONE])
@given(definition=strategies.definitions())
@draws(12)
def test_drawn_definition_keeps_the_contract(check: str, definition: sg.Frontend) -> None:
    contract.CHECKS[check](definition)


@given(definition=strategies.definitions())
@draws(6)
def test_drawn_definition_counts_its_frames(definition: sg.Frontend) -> None:
    contract.assert_counts(definition)


@given(definition=strategies.definitions())
@draws(40)
def test_engines_agree_on_a_drawn_definition(definition: sg.Frontend) -> None:
    contract.assert_engines_agree(definition, DRAWN)
