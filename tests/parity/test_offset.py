"""Where each frame's mean is removed, a DC offset changes nothing, even under very quiet sound."""

import engine_names
import numpy as np
import pytest

import sonogram as sg


@pytest.mark.parametrize("engine", engine_names.TENSOR)
@pytest.mark.parametrize("name", ["kaldi-fbank-80", "ast-audioset", "speech2text"])
@pytest.mark.parametrize("offset", [9830, 16384, -20001])
def test_quiet_sound_over_an_offset_agrees_with_numpy(name: str, engine: str, offset: int) -> None:
    frontend = sg.preset(name)
    sound = np.random.Generator(np.random.PCG64(3)).standard_normal(6001)
    sound[2000:4000] *= 0.2  # most samples are 0 or one bit there
    samples = (offset + np.round(2 * sound)).astype(np.int16)
    error = np.abs(frontend(samples, engine) - frontend(samples, "numpy"))
    # If the offset stayed in the float32 samples, its rounding of 1e-3 of a bit would change these
    # features by up to 0.5.
    assert error.max() < 2e-3
    assert np.sqrt((error**2).mean()) < 1e-4
