"""The JavaScript package gives the bits of the native instruction set "baseline", in Node and in Chromium."""

from __future__ import annotations

import base64
import ctypes
import hashlib
import json
import os
import platform
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import sonogram as sg
from sonogram.native.library import Definition
from sonogram.web import built, to_web
from sonogram.web.definition import VERSION

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
NODE = shutil.which("node")
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
LARGE = {"mert-cqt", "pesto", "librosa-chroma-cqt"}  # 13 to 40 MB of kernels
NAMES = [name for name in sg.preset_names() if name not in LARGE]
SOME = (
    *("whisper-80", "kaldi-mfcc-39", "librosa-pcen", "perch-pcen"),
    *("seamless-m4t", "librosa-mfcc-39", "wespeaker"),
)

pytestmark = pytest.mark.skipif(
    platform.machine().lower() not in {"x86_64", "amd64"},
    reason="only x86-64 has this instruction set",
)
needs_node = pytest.mark.skipif(NODE is None, reason="tests of the JavaScript package need Node")
needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason="tests in a browser need Chromium")


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


def in_node(cases: str) -> dict[str, Any]:
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
    page = folder / "page.html"
    page.write_text(f"""<!doctype html><pre></pre><script type="module">
        import {{ Engine }} from "{module(built("sonogram.js"))}";
        import {{ compare }} from "{module((HERE / "compare.js").read_bytes())}";
        const found = await compare(Engine, {cases}).catch((error) => String(error.stack));
        document.querySelector("pre").textContent = JSON.stringify(found);
    </script>""")
    flags = ["--headless", "--no-sandbox", "--disable-gpu", "--virtual-time-budget=60000", "--dump-dom"]
    profile = f"--user-data-dir={folder / 'profile'}"
    ran = subprocess.run(
        [CHROMIUM or "", *flags, profile, page.as_uri()],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    [text] = re.findall("<pre>(.*?)</pre>", ran.stdout, re.DOTALL)
    return json.loads(text)


def assert_same_bits(found: dict[str, Any], cases: str) -> None:
    assert len(found["found"]) == len(json.loads(cases)["cases"]) > 0
    assert not [index for index, counts in enumerate(found["found"]) if any(counts)]
    assert found["rates"] == [0, 0, 0, 0]


@needs_node
def test_presets_have_the_bits_of_the_native_engine_in_node() -> None:
    cases = expected(SOME)
    assert_same_bits(in_node(cases), cases)


@needs_node
@pytest.mark.exhaustive
@pytest.mark.parametrize("part", range(4))
def test_every_preset_has_the_bits_of_the_native_engine_in_node(part: int) -> None:
    cases = expected(NAMES[part::4])
    assert_same_bits(in_node(cases), cases)


@needs_chromium
@pytest.mark.exhaustive
def test_presets_have_the_bits_of_the_native_engine_in_chromium(tmp_path: Path) -> None:
    cases = expected(SOME)
    assert_same_bits(in_chromium(cases, tmp_path), cases)


def test_the_version_changes_with_the_struct() -> None:
    fields = " ".join(name for name, *_ in Definition._fields_)
    digest = hashlib.sha256(fields.encode()).hexdigest()[:8]
    assert (VERSION, ctypes.sizeof(Definition), digest) == (1, 200, "7646a875")
    text = (ROOT / "js" / "src" / "definition.ts").read_text(encoding="utf-8")
    assert f"VERSION = {VERSION};" in text


def test_an_export_for_browsers_holds_the_definition_and_the_engine(tmp_path: Path) -> None:
    folder = tmp_path / "fbank"
    sg.export_frontend(sg.preset("yamnet"), folder, "web")
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
