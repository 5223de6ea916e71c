"""`Frontend.check`: planted mistakes must be found, sound definitions must pass."""

import json
import subprocess
import sys
from dataclasses import replace

import pytest

import sonogram as sg
from sonogram.checks import RULES, SEVERITIES, Finding, check

SOUND = sg.Frontend(
    16000,
    400,
    160,
    window=sg.windows.Hann(),
    padding=sg.padding.Center(),
    spectrum=sg.spectrum.Power(),
    bands=sg.bands.Mel(64, 60, 7600),
    scaling=sg.scaling.Log(floor=1e-8),
)
STFT = sg.Frontend(16000, 512, 128, window=sg.windows.Hann())
SPAN = {"sample_rate": 16000, "duration": 2.0}


def found(frontend: sg.Frontend, **known: float) -> dict[str, Finding]:
    published = sg.presets.find(frontend)
    return {finding.code: finding for finding in check(frontend, **known, published=published)}


@pytest.mark.parametrize("frontend", [SOUND, STFT, sg.preset("voxtral-realtime"), sg.preset("vggish")])
def test_a_sound_definition_gives_no_warning(frontend: sg.Frontend) -> None:
    assert {finding.severity for finding in check(frontend, 16000, 2.0)} == {"note"}
    assert {finding.severity for finding in check(frontend)} == {"note"}


KALDI = sg.preset("kaldi-fbank-80")
PLANTED: dict[str, tuple[sg.Frontend, dict[str, float], str, str]] = {
    # code: definition, what is known of the clips, severity, words that the remedy must have
    "rate-mismatch": (SOUND, {"sample_rate": 44100}, "error", "sonogram.load(path, sample_rate=16000)"),
    "skipped-samples": (replace(SOUND, frame_step=600), {}, "warning", "frame_step=200"),
    "no-overlap-add": (replace(STFT, frame_step=512), {}, "warning", "frame_step=256"),
    "odd-window": (sg.Frontend(16000, 401, 160), {}, "warning", 'Hann(symmetry="symmetric")'),
    "long-fft": (replace(SOUND, fft_length=4096), {}, "warning", "fft_length=512"),
    "slow-fft": (replace(SOUND, frame_length=401, fft_length=401), {}, "note", "fft_length=405"),
    "no-frames": (replace(SOUND, padding=sg.padding.Valid()), {"duration": 0.02}, "error", "0.045 s"),
    "few-frames": (replace(SOUND, padding=sg.padding.Valid()), {"duration": 0.03}, "warning", "0.045 s"),
    "lost-end": (
        replace(STFT, frame_step=4000, frame_length=4000, fft_length=4096),
        {"duration": 0.99},
        "warning",
        "pad",
    ),
    "empty-bands": (replace(SOUND, bands=sg.bands.Mel(128)), {}, "warning", "num_mel_bins="),
    "above-recordings": (SOUND, {"sample_rate": 8000}, "warning", "8000"),
    "unused-frequencies": (replace(SOUND, bands=sg.bands.Mel(32, 60, 3000)), {}, "note", "6000"),
    "linear-cepstra": (replace(SOUND, scaling=None, cepstrum=sg.cepstrum.Cepstrum(13)), {}, "warning", "Log"),
    "all-coefficients": (replace(SOUND, cepstrum=sg.cepstrum.Cepstrum(64)), {}, "note", "fewer"),
    "integer-scale": (KALDI, {}, "note", "int16"),
    "floor-swallows": (
        replace(KALDI, conditioning=sg.conditioning.Conditioning(), scaling=sg.scaling.Log(floor=2**20)),
        {},
        "warning",
        "scale=32768",
    ),
    "floor-far-below": (replace(SOUND, scaling=sg.scaling.Log(floor=1e-30)), {}, "warning", "floor of about"),
    "not-decibels": (
        replace(
            SOUND,
            spectrum=sg.spectrum.Magnitude(),
            scaling=sg.scaling.Log(base=10, multiplier=10, floor=1e-5),
        ),
        {},
        "warning",
        "Decibels",
    ),
    "linear-features": (replace(SOUND, scaling=None), {}, "note", "Log"),
    "off-scale": (replace(SOUND, normalize=sg.normalize.Affine(-40, 0.5)), {}, "warning", "constants"),
    "peak-floor": (
        replace(SOUND, scaling=sg.scaling.Decibels(dynamic_range=80)),
        {},
        "note",
        "constant floor",
    ),
    "clip-statistics": (replace(SOUND, normalize=sg.normalize.Standardize()), {}, "note", "Affine"),
    "length-padding": (replace(SOUND, padding=sg.padding.Same()), {}, "note", "Center"),
    "clip-mean": (
        replace(SOUND, conditioning=sg.conditioning.Conditioning(remove_mean="clip")),
        {},
        "note",
        "frame",
    ),
    "silent-peak": (
        replace(SOUND, scaling=sg.scaling.Decibels(reference="peak")),
        {},
        "note",
        "constant reference",
    ),
    "few-for-statistics": (
        replace(SOUND, normalize=sg.normalize.Standardize(per="band")),
        {"duration": 0.1},
        "warning",
        "Affine",
    ),
    "slow-pcen": (
        replace(SOUND, scaling=sg.scaling.Pcen(smoothing=1e-4)),
        {"duration": 2},
        "warning",
        "smoothing=0.02",
    ),
    "not-invertible": (
        replace(STFT, conditioning=sg.conditioning.Conditioning(preemphasis=sg.conditioning.Preemphasis())),
        {},
        "warning",
        'scope="clip"',
    ),
    "clip-length": (sg.preset("whisper-80"), {"duration": 5}, "warning", "pad the samples to 30 s"),
    "idle-normalize": (replace(SOUND, normalize=sg.normalize.Affine()), {}, "note", "None"),
    "cost": (SOUND, {}, "note", "frame_step"),
    "dense-frames": (replace(SOUND, frame_step=4), {}, "warning", "frame_step=100"),
    "exports": (SOUND, {}, "note", "nothing"),
    "large-constants": (sg.preset("mert-cqt"), {}, "warning", "fewer octaves"),
}


@pytest.mark.parametrize("code", PLANTED)
def test_a_planted_mistake_is_found(code: str) -> None:
    frontend, known, severity, remedy = PLANTED[code]
    finding = found(frontend, **known)[code]
    assert finding.severity == severity
    assert remedy in finding.remedy
    assert finding.message


@pytest.mark.parametrize("code", sorted(set(PLANTED) - {"cost", "exports"}))
def test_it_is_not_found_where_it_is_not(code: str) -> None:
    assert code not in found(SOUND, **SPAN)
    assert code not in found(STFT, **SPAN)


@pytest.mark.parametrize(
    "code", ["skipped-samples", "no-overlap-add", "long-fft", "slow-fft", "dense-frames"]
)
def test_the_remedy_helps(code: str) -> None:
    frontend = PLANTED[code][0]
    knob, _, value = found(frontend)[code].remedy.partition("=")
    value = "".join(digit for digit in value.split()[0] if digit.isdigit())
    assert code not in found(replace(frontend, **{knob: int(value)}))


def test_both_remedies_of_empty_bands_help() -> None:
    frontend = PLANTED["empty-bands"][0]
    finding = found(frontend)["empty-bands"]
    longer, fewer = (int(way.partition("=")[2]) for way in finding.remedy.split(" or "))
    assert "empty-bands" not in found(replace(frontend, fft_length=longer))
    assert "empty-bands" not in found(replace(frontend, bands=sg.bands.Mel(fewer)))
    # They are the least changes, to 16 samples of FFT.
    assert "empty-bands" in found(replace(frontend, fft_length=longer - 16))
    assert "empty-bands" in found(replace(frontend, bands=sg.bands.Mel(fewer + 1)))


@pytest.mark.exhaustive
def test_every_explicit_bank_and_every_preset_can_be_checked() -> None:
    holed = sg.Matrix([[0.0, 1.0]] * 257)
    finding = found(replace(SOUND, bands=sg.bands.Filterbank(holed)))["empty-bands"]
    assert finding.remedy == "wider bands"
    for name in sg.preset_names():
        findings = sg.presets.describe(name).check(duration=5)
        assert "rate-mismatch" not in {finding.code for finding in findings}
        assert all(finding.message and finding.remedy for finding in findings)


def test_a_rate_below_names_the_preset_and_the_empty_bands() -> None:
    checked = sg.presets.describe("panns-32k").check(sample_rate=16000)
    findings = {finding.code: finding for finding in checked}
    assert "the preset panns-32k is made for 32000 Hz" in findings["rate-mismatch"].message
    assert "of 64 bands stay at the floor" in findings["above-recordings"].message


def test_equal_definitions_have_equal_findings_in_every_process() -> None:
    """Whether the presets were loaded before must not matter."""
    frontend = sg.preset("whisper-80")
    program = (
        "import json, sys; import sonogram as sg\n"
        "frontend = sg.Frontend.from_dict(json.loads(sys.argv[1]))\n"
        "found = frontend.check(8000, 5)\n"
        "assert 'sonogram.presets' not in sys.modules\n"
        "print(json.dumps(found))"
    )
    plain = json.dumps(frontend.to_dict())
    ran = subprocess.run([sys.executable, "-c", program, plain], capture_output=True, text=True, check=True)
    findings = [Finding(*each) for each in json.loads(ran.stdout)]
    assert findings == list(frontend.check(8000, 5))
    assert "clip-length" not in {finding.code for finding in findings}


def test_one_frame_cannot_be_standardized() -> None:
    frontend = replace(SOUND, padding=sg.padding.Valid(), normalize=sg.normalize.Standardize(per="band"))
    assert found(frontend, duration=0.03)["few-for-statistics"].severity == "error"


def test_figures_of_cost_are_those_of_the_definition() -> None:
    message = found(SOUND, duration=1)["cost"].message
    assert "a clip has 101 x 64 features" in message
    assert f"{100 * 64 * 4 / 1000:g} kB a second" in message


def test_findings_come_in_the_order_of_their_severity() -> None:
    frontend = replace(KALDI, frame_step=500, normalize=sg.normalize.Standardize(per="band"))
    order = [SEVERITIES.index(finding.severity) for finding in frontend.check(8000, 0.2)]
    assert order == sorted(order)
    assert set(order) == {0, 1, 2}


@pytest.mark.parametrize("known", [{"sample_rate": 0}, {"duration": -1}])
def test_what_cannot_be_is_refused(known: dict[str, float]) -> None:
    with pytest.raises(sg.SonogramError, match="must be a number above 0"):
        SOUND.check(**known)


def test_every_rule_says_what_it_looks_for() -> None:
    assert all(rule.__doc__ for rule in RULES)
