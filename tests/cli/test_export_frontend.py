"""The command `export-frontend`."""

import json
from pathlib import Path
from typing import get_args

import sonogram as sg
from sonogram.cli import export_frontend as verb
from sonogram.embedded.export import Target


def test_a_preset_becomes_a_folder(run, tmp_path: Path) -> None:
    ran = run("export-frontend", "yamnet", "-o", "out", "--target", "c")
    assert ran.code == 0, ran.err
    assert ran.out == "out: 7.6 kB of constants, 3.9 kB of state; check it with make -C out\n"
    assert sg.preset(tmp_path / "out" / "frontend.json") == sg.preset("yamnet")


def test_a_definition_of_ones_own_becomes_a_folder(run, tmp_path: Path) -> None:
    (tmp_path / "mine.json").write_text(json.dumps(sg.Frontend(16000, 240, 80).to_dict()))
    assert run("export-frontend", "mine.json", "-o", "out").code == 0
    assert "#define FRONTEND_FRAME_LENGTH 240 " in (tmp_path / "out" / "frontend.h").read_text()


def test_a_preset_becomes_files_for_a_browser(run, tmp_path: Path) -> None:
    ran = run("export-frontend", "whisper-80", "-o", "out", "--target", "web")
    assert ran.code == 0, ran.err
    assert ran.out.endswith(" kB, import { Engine } from sonogram.js\n")
    assert json.loads((tmp_path / "out" / "frontend.json").read_text())["format"] == "sonogram-web"


def test_what_cannot_be_exported_is_one_line(run) -> None:
    ran = run("export-frontend", "whisper-80", "-o", "out")
    assert ran.code == 1
    assert ran.err.count("\n") == 1
    assert "Use a constant floor" in ran.err
    ran = run("export-frontend", "wisper-80", "-o", "out")
    assert ran.code == 2
    assert "did you mean whisper-80" in ran.err


def test_help_knows_the_choices_of_the_package() -> None:
    assert get_args(verb.Target) == get_args(Target)
