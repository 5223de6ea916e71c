"""The JavaScript package gives the bits of the native instruction set "baseline", in Node and in Chromium."""

from __future__ import annotations

import base64
import ctypes
import hashlib
import json
import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import sonogram as sg
from sonogram.micro import GainControl
from sonogram.native.library import Definition
from sonogram.presets import bundle_preset_names, micro_preset_names
from sonogram.web import built, to_web
from sonogram.web.definition import VERSION

from .browser import CHROMIUM, run_page

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
NODE = shutil.which("node")
NAMES = (*sg.preset_names(), *micro_preset_names(), *bundle_preset_names())
PARTS = 6
SOME = (
    *("whisper-80", "kaldi-mfcc-39", "librosa-pcen", "perch-pcen", "seamless-m4t", "librosa-mfcc-39"),
    *("wespeaker", "microwakeword", "madmom-onset-cnn", "seld-foa", "seld-mic-gcc", "seld-mic-salsalite"),
)

_BINS = sg.Frontend(8000, 256, 128, spectrum=sg.spectrum.Complex())
_LOUD = sg.conditioning.Conditioning(scale=32768, preemphasis=sg.conditioning.Preemphasis(0.97, scope="clip"))
OTHERS: tuple[Any, ...] = (
    # Transforms of another length have a step of radix 2; without a gain the least signal is seen.
    sg.MicroFrontend(8000, 200, 80, num_mel_bins=20, upper_hz=3800, gain_control=None),
    sg.MicroFrontend(16000, 1024, 512, gain_control=None, log_bits=None),
    # The gain exceeds 16 bits, and products 53 bits.
    sg.MicroFrontend(gain_control=GainControl(strength=2, offset=1, gain_bits=31)),
    sg.Spatial(_BINS.replace(conditioning=_LOUD, spectrum=sg.spectrum.Power()), num_channels=2, offset=0.1),
    sg.Bundle(
        (
            sg.Spatial(_BINS, sg.spatial.PhaseDifference(), num_channels=3),
            sg.Spatial(_BINS, sg.spatial.CrossCorrelation(8), num_channels=3, offset=1e-3),
        )
    ),
    sg.Spatial(_BINS, sg.spatial.Intensity(sg.bands.Mel(20), epsilon=1e-4)),
    # A bin of silence is not 0.
    sg.Frontend(
        8000,
        256,
        128,
        spectrum=sg.spectrum.Magnitude(epsilon=1e-6),
        bands=sg.bands.Mel(20),
        scaling=sg.scaling.Log(floor=1e-6),
        normalize=sg.normalize.Standardize(),
    ),
)

pytestmark = pytest.mark.skipif(
    platform.machine().lower() not in {"x86_64", "amd64"},
    reason="only x86-64 has this instruction set",
)
needs_node = pytest.mark.skipif(NODE is None, reason="tests of the JavaScript package need Node")


def expected(names: Any) -> str:
    command = [sys.executable, str(HERE / "expected.py"), *names]
    ran = subprocess.run(
        command,
        cwd=ROOT,
        env={**os.environ, "SONOGRAM_ISA": "baseline"},
        capture_output=True,
        timeout=300,
        check=True,
    )
    return ran.stdout.decode()


def module(script: bytes) -> str:
    return f"data:text/javascript;base64,{base64.b64encode(script).decode()}"


def in_node(cases: str, _: Path) -> dict[str, Any]:
    program = f"""
        import {{ readFileSync }} from "node:fs";
        import {{ Engine }} from "{module(built("sonogram.js"))}";
        import {{ compare }} from "{(HERE / "compare.js").as_uri()}";
        console.log(JSON.stringify(await compare(Engine, JSON.parse(readFileSync(0)))));
    """
    command = [NODE or "", "--input-type=module", "--eval", program]
    ran = subprocess.run(command, input=cases, capture_output=True, text=True, timeout=300, check=False)
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout)


def in_chromium(cases: str, folder: Path) -> dict[str, Any]:
    script = """
        import { Engine } from "./sonogram.js";
        import { compare } from "./compare.js";
        const cases = await (await fetch("./cases.json")).json();
        export const answer = compare(Engine, cases);
    """
    files = {
        "sonogram.js": built("sonogram.js"),
        "compare.js": (HERE / "compare.js").read_bytes(),
        "cases.json": cases.encode(),
    }
    found = run_page(script, files, folder / "profile")
    assert isinstance(found, dict), found  # otherwise it is the error of the page
    return found


RUNTIMES = [run for run, program in ((in_node, NODE), (in_chromium, CHROMIUM)) if program is not None]
"""Those that are on this machine."""


def assert_same_bits(found: dict[str, Any], cases: str, names: Any) -> None:
    given = json.loads(cases)["cases"]
    assert len(found["found"]) == len(given) > 0
    pairs = zip(given, found["found"], strict=True)
    assert {names[case["frontend"]] for case, counts in pairs if any(counts)} == set()
    assert found["rates"] == [0, 0, 0, 0]


@needs_node
def test_presets_have_the_bits_of_the_native_engine_in_node(tmp_path: Path) -> None:
    cases = expected(SOME)
    assert_same_bits(in_node(cases, tmp_path), cases, SOME)


@needs_node
def test_other_definitions_of_several_channels_or_in_integers_have_the_bits(tmp_path: Path) -> None:
    names = [str(tmp_path / f"{index}.json") for index in range(len(OTHERS))]
    for name, definition in zip(names, OTHERS, strict=True):
        Path(name).write_text(json.dumps(definition.to_dict()))
    cases = expected(names)
    assert_same_bits(in_node(cases, tmp_path), cases, names)


@pytest.mark.skipif(not RUNTIMES, reason="tests of the JavaScript package need Node or Chromium")
@pytest.mark.exhaustive
@pytest.mark.parametrize("part", range(PARTS))
def test_every_preset_has_the_bits_of_the_native_engine(part: int, tmp_path: Path) -> None:
    names = NAMES[part::PARTS]
    cases = expected(names)
    for run in RUNTIMES:
        assert_same_bits(run(cases, tmp_path), cases, names)


def test_the_version_changes_with_the_struct() -> None:
    fields = " ".join(name for name, *_ in Definition._fields_)
    digest = hashlib.sha256(fields.encode()).hexdigest()[:8]
    assert (VERSION, ctypes.sizeof(Definition), digest) == (5, 176, "893774a8")
    text = (ROOT / "js" / "src" / "definition.ts").read_text(encoding="utf-8")
    assert f"VERSION = {VERSION};" in text


def test_an_export_for_browsers_holds_the_definition_and_the_engine(tmp_path: Path) -> None:
    folder = tmp_path / "fbank"
    sg.export_frontend(sg.preset("seld-foa"), folder, "web")
    written = sg.export_frontend(sg.preset("whisper-80"), folder, "web")  # replaces the earlier one
    assert json.loads((folder / "frontend.json").read_text()) == to_web(sg.preset("whisper-80"))
    for name in ("engine.wasm", "sonogram.js"):
        assert (folder / name).read_bytes() == built(name)  # type: ignore[arg-type]
    assert written.constants_bytes == sum(path.stat().st_size for path in folder.iterdir())
    assert written.state_bytes is None
    with pytest.raises(sg.SonogramError, match=r"holds something else, frontend\.json"):
        sg.export_frontend(sg.preset("yamnet"), folder)
    sg.export_frontend(sg.preset("yamnet"), tmp_path / "c")
    with pytest.raises(sg.SonogramError, match=r"holds something else, frontend\.json"):
        sg.export_frontend(sg.preset("yamnet"), tmp_path / "c", "web")


def test_a_stage_that_javascript_lacks_is_named() -> None:
    rule = sg.conditioning.Conditioning(remove_mean="frame")
    frontend = sg.preset("librosa-cqt").replace(conditioning=rule)
    with pytest.raises(sg.SonogramError, match="conditions no single frames of a constant-Q"):
        to_web(frontend)
