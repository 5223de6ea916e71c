"""Findings about bundles, several channels and integers."""

import pytest

import sonogram as sg

CENTER = sg.padding.Center(mode="constant")
FINE = sg.Frontend(16000, 1024, 160, padding=CENTER, bands=sg.bands.Mel(8))
DENSE = FINE.replace(frame_length=256, bands=sg.bands.Mel(128))


def test_a_finding_of_all_parts_is_stated_once_and_others_name_their_part() -> None:
    bundle = sg.Bundle((FINE, DENSE))
    found = bundle.check(sample_rate=8000)
    assert found[0].code == "rate-mismatch"
    assert [each.code for each in found].count("rate-mismatch") == 1
    [empty] = [each for each in found if each.code == "empty-bands"]
    assert empty.message.startswith("part 2: ")
    order = [sg.checks.SEVERITIES.index(each.severity) for each in found]
    assert order == sorted(order)


@pytest.mark.parametrize("name", [*sg.presets.bundle_preset_names(), *sg.presets.micro_preset_names()])
def test_every_preset_fits_its_own_recordings(name: str) -> None:
    preset = sg.presets.describe(name)
    found = preset.check(preset.frontend.sample_rate, 5)
    assert not [each for each in found if each.severity == "error"]
    assert preset.check(2 * preset.frontend.sample_rate)[0].code == "rate-mismatch"
    assert "no-frames" in [each.code for each in preset.check(duration=1e-4)] or preset.frontend.num_frames(1)


def test_integers_need_whole_frames() -> None:
    [finding] = sg.checks.check_micro(sg.MicroFrontend(), duration=0.04)
    assert (finding.code, finding.severity) == ("few-frames", "warning")
    assert finding.remedy == "clips of at least 0.05 s"


def test_complex_bins_above_the_recordings() -> None:
    found = sg.Frontend(16000, 400, 160, spectrum=sg.spectrum.Complex()).check(8000)
    assert "above-recordings" in [each.code for each in found]
