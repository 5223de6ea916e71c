"""`export_frontend`: the C source, compiled without a warning, gives the features of the engine `numpy`."""

import random
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import signals
from agreement import assert_agrees
from compiled_c import COMPILER, CompiledC

import sonogram as sg
from sonogram.embedded import fft
from sonogram.embedded.literals import number

needs_compiler = pytest.mark.skipif(COMPILER is None, reason="needs a C compiler: apt-get install gcc")

WHISPER = sg.preset("whisper-80").replace(scaling=sg.scaling.Log(base=10, floor=1e-8))
MFCC = sg.preset("kaldi-mfcc-13")
EMPHASIS = sg.conditioning.Preemphasis(scope="clip", boundary="repeat")
CASES = {
    "mel": sg.preset("yamnet"),
    "mirrored": sg.preset("musicnn"),
    "without the last": WHISPER,
    "symmetric": sg.preset("kaldi-fbank-80-nosnip"),
    "energy": MFCC,
    "pcen": sg.preset("librosa-pcen"),
    # 321 = 3 * 107: an odd length, and a prime that has no pass of its own.
    "odd": sg.Frontend(16000, 321, 160, 321, padding=sg.padding.Center("fft", "reflect")),
    "dropped": sg.preset("efficientat-32k"),
    "gaps": sg.Frontend(
        8000,
        60,
        100,
        padding=sg.padding.End(before=30),
        conditioning=sg.conditioning.Conditioning(preemphasis=EMPHASIS),
        spectrum=sg.spectrum.Magnitude(epsilon=1e-9),
        scaling=sg.scaling.Log(zero=1e-5, reference=0.5),
    ),
    "waiting": sg.Frontend(
        8000,
        70,
        50,
        96,
        padding=sg.padding.Causal(lookahead=80),
        bands=sg.bands.Mel(8),
        scaling=sg.scaling.Log(floor=1e-5),
        normalize=sg.normalize.Affine(sg.Matrix(np.arange(8.0)), sg.Matrix(np.arange(1.0, 9)), -2, 0.5),
    ),
    "peak": sg.Frontend(
        8000,
        64,
        32,
        padding=sg.padding.HalfOverlap(),
        bands=sg.bands.Mel(8),
        normalize=sg.normalize.UnitPeak(),
    ),
    "zero last": sg.preset("parakeet-80").replace(normalize=None),
}


@pytest.fixture(scope="module", params=CASES)
def compiled(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> CompiledC:
    return CompiledC(CASES[request.param], tmp_path_factory.mktemp("c"))


def block_sizes(seed: int) -> Iterator[int]:
    draw = random.Random(seed)
    while True:
        yield draw.choice((1, 2, 159, 160, 161, 1000))


@needs_compiler
def test_features_of_clips_of_many_lengths_agree_with_numpy(compiled: CompiledC) -> None:
    frontend = compiled.frontend
    span = frontend.frame_span
    lengths = {0, 3, span // 2, span // 2 + 1, span - 1, span, span + frontend.frame_step, 3 * span + 7, 9000}
    for length in lengths:
        samples = signals.noise(length) if length < 2 * span else signals.eventful(length)
        assert_agrees(frontend, samples, compiled(samples), frontend(samples, "numpy"))


@needs_compiler
def test_blocks_of_any_length_give_the_same_bits(compiled: CompiledC) -> None:
    samples = signals.eventful(7 * compiled.frontend.frame_span + 11)
    whole = compiled(samples)
    for seed in range(3):
        np.testing.assert_array_equal(compiled(samples, block_sizes(seed)), whole)
    integers = np.round(samples * 32767).astype(np.int16)
    np.testing.assert_array_equal(compiled(integers), compiled(signals.to_float(integers)))


@needs_compiler
def test_invalid_samples_stay_visible(compiled: CompiledC) -> None:
    frontend = compiled.frontend
    samples = signals.noise(7 * frontend.frame_span, 5)
    gap = max(frontend.frame_step - frontend.frame_length, 0) + 1
    samples[len(samples) // 2 :][:gap] = np.nan
    want = np.isfinite(frontend(samples, "numpy")).all(axis=1)
    np.testing.assert_array_equal(np.isfinite(compiled(samples)).all(axis=1), want)
    assert not want.all()


@needs_compiler
def test_the_golden_pack_passes_and_finds_a_wrong_constant(tmp_path: Path) -> None:
    make = shutil.which("make")
    if make is None:
        pytest.skip("needs make")
    sg.export_frontend(sg.preset("tf-speech-commands"), tmp_path / "c")
    command = [make, "-C", tmp_path / "c", "CFLAGS=-O1 -Werror"]
    ran = subprocess.run(command, capture_output=True, text=True, check=True)
    assert ran.stdout.count("24 of 24 rows") == 2
    text = (tmp_path / "c" / "frontend.c").read_text()
    weights = re.search(r"band_weights\[\d+\] = \{\n    (\S+f),", text)
    assert weights is not None
    (tmp_path / "c" / "frontend.c").write_text(
        text.replace(weights[1], number(float(weights[1][:-1]) * 1.01))
    )
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ran.returncode
    assert "NOT EQUAL" in ran.stdout


@needs_compiler
def test_the_logarithm_has_the_stated_error(tmp_path: Path) -> None:
    # Magnitude at 0 Hz of frames of which one sample counts: the logarithm of the sample itself.
    samples = np.geomspace(1e-15, 1e15, 40_001).astype(np.float32)
    frontend = sg.Frontend(
        8000,
        8,
        8,
        window=sg.windows.CustomWindow(values=sg.Matrix([1.0, 0, 0, 0, 0, 0, 0, 0])),
        scaling=sg.scaling.Log(floor=1e-30),
    )
    compiled = CompiledC(frontend, tmp_path)
    got = compiled(np.repeat(samples, 8))[:, 0]
    want = np.log(samples.astype(np.float64))
    # The square and its root round too; near 1 that is more than the logarithm itself.
    apart = np.abs(want) > 1
    assert (np.abs(got - want)[apart] / np.abs(want)[apart]).max() < 1.2e-7 + 2.0**-23


@pytest.mark.parametrize("points", [2, 12, 50, 64, 107, 200, 224, 512])
def test_passes_with_these_constants_are_the_fourier_transform(points: int) -> None:
    rng = np.random.default_rng(points)
    z = rng.normal(size=points) + 1j * rng.normal(size=points)
    bins = np.empty(points, complex)
    bins[fft.input_order(points)] = z
    factors, span = fft.roots(points) @ [1, 1j], 1
    for radix in fft.radices(points):
        count = span * (radix - 1)
        own = np.hstack([np.ones((span, 1)), factors[:count].reshape(span, radix - 1)])
        blocks = bins.reshape(-1, radix, span) * own.T
        bins, factors = np.fft.fft(blocks, axis=1).ravel(), factors[count:]
        span *= radix
    np.testing.assert_allclose(bins, np.fft.fft(z), atol=1e-12 * points)


def test_literals_are_read_back_as_the_same_float() -> None:
    values = np.random.default_rng(0).integers(1, 0x7F800000, 2000, dtype=np.uint32).view(np.float32)
    read = np.array([np.float32(number(value).removesuffix("f")) for value in values])
    np.testing.assert_array_equal(read, values)


@pytest.mark.parametrize(
    ("frontend", "message"),
    [
        (sg.preset("whisper-80"), "depends on the clip's peak. Use a constant floor and reference"),
        (sg.preset("parakeet-80"), r"statistics of the whole clip. Use normalize=Affine\(mean, std\)"),
        (sg.preset("deepfilternet"), "has no RunningMean. Use normalize=None"),
        (sg.preset("rnnoise"), "has no MaskedLog. Use scaling=Log"),
        (sg.preset("htdemucs"), "returns real bins. Use spectrum=Power"),
        (sg.preset("asvspoof-lfcc-lcnn").replace(deltas=None), "no energy of the spectrum. Use energy"),
        (sg.preset("seld-foa"), "is for one front end; this is a Bundle. Use the target web"),
        (sg.preset("librosa-cqt"), "take 1.7 MB of memory. Use transform=Fourier"),
        (replace(MFCC, cepstrum=None, conditioning=sg.conditioning.Conditioning(1e50)), "range of float32"),
    ],
)
def test_what_c_cannot_do_is_refused_with_a_remedy(
    frontend: sg.Frontend, message: str, tmp_path: Path
) -> None:
    with pytest.raises(sg.SonogramError, match=message):
        sg.export_frontend(frontend, tmp_path / "c")
    assert not (tmp_path / "c").exists()


def test_only_an_earlier_export_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "main.c").write_text("int main(void) { return 0; }")
    sg.export_frontend(sg.preset("yamnet"), tmp_path)
    sg.export_frontend(sg.preset("vggish"), tmp_path)
    assert sg.preset(tmp_path / "frontend.json") == sg.preset("vggish")
    (tmp_path / "frontend.h").write_text("/* mine */")
    with pytest.raises(sg.SonogramError, match=r"holds something else, frontend\.json; give another name"):
        sg.export_frontend(sg.preset("yamnet"), tmp_path)
    with pytest.raises(sg.SonogramError, match="is a file, the export is a folder"):
        sg.export_frontend(sg.preset("yamnet"), tmp_path / "main.c")
    with pytest.raises(sg.SonogramError, match="target must be c or web; got 'rust'"):
        sg.export_frontend(sg.preset("yamnet"), tmp_path / "new", "rust")  # type: ignore[arg-type]
