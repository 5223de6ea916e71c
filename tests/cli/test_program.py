"""The program as a process: what it loads, how it ends."""

import os
import signal
import subprocess
import sys
import time

import pytest

import sonogram

HEAVY = ("tensorflow", "keras", "jax", "torch")


def _sonogram(*arguments, **options):
    return subprocess.run(
        [sys.executable, "-m", "sonogram", *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        **options,
    )


def _loaded_by(*arguments):
    """The modules that a run loads."""
    code = (
        "import sys\n"
        f"sys.argv = ['sonogram', *{list(map(str, arguments))!r}]\n"
        "from sonogram.cli import main\n"
        "try: main()\n"
        "except SystemExit as end: assert not end.code, end\n"
        "print('\\nloaded', *sys.modules)"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(ran.stdout.splitlines()[-1].split())


def test_help_loads_nothing_but_what_it_prints_with():
    loaded = _loaded_by("--help")
    assert not loaded & {*HEAVY, "numpy", "matplotlib", "soundfile", "sonogram.frontend"}
    loaded = _loaded_by("show", "--help")
    assert not loaded & {*HEAVY, "numpy", "matplotlib", "soundfile", "sonogram.frontend"}


def test_pictures_load_no_learning_library(bird, tmp_path):
    loaded = _loaded_by("show", bird, "--preset", "whisper-80", "-o", tmp_path / "x.png")
    assert "matplotlib.figure" in loaded
    assert not loaded & {*HEAVY, "matplotlib.pyplot"}


def test_help_lists_the_commands():
    ran = _sonogram("--help")
    assert ran.returncode == 0
    for verb in ("show", "info", "presets"):
        assert verb in ran.stdout


def test_the_version_is_that_of_the_package():
    assert _sonogram("--version").stdout == f"sonogram {sonogram.__version__}\n"


@pytest.mark.parametrize("arguments", [(), ("draw",), ("--speed",)])
def test_wrong_usage_is_exit_code_2(arguments):
    assert _sonogram(*arguments).returncode == 2


def test_a_reader_that_has_seen_enough_is_no_error(tmp_path):
    command = f"{sys.executable} -u -m sonogram presets | head -n 1; echo ${{PIPESTATUS[0]}}"
    ran = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=True)
    assert ran.stdout == "name\tgroup\tsummary\n0\n"
    assert ran.stderr == ""


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="the full device of Linux stands in for a disk")
def test_output_that_cannot_be_written_is_one_line():
    with open("/dev/full", "w") as full:
        ran = subprocess.run(
            [sys.executable, "-m", "sonogram", "presets"],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert ran.returncode == 1
    assert ran.stderr == "sonogram: output: No space left on device; free space on the disk\n"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="a pipe that nobody writes to keeps the program busy")
def test_control_c_is_one_line_and_130(tmp_path):
    pipe = tmp_path / "never.wav"
    os.mkfifo(pipe)
    process = subprocess.Popen(
        [sys.executable, "-m", "sonogram", "info", pipe], stderr=subprocess.PIPE, text=True
    )
    # The other end can be opened once the program reads: then it is in the middle of its work.
    writer = None
    while writer is None and process.poll() is None:
        try:
            writer = os.open(pipe, os.O_WRONLY | os.O_NONBLOCK)
        except OSError:
            time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=30)
    if writer is not None:
        os.close(writer)
    assert process.returncode == 130
    assert err == "sonogram: interrupted\n"


def test_only_the_options_of_the_command_that_runs_are_evaluated():
    from sonogram.cli.app import app, program

    for name in ("show", "export-frontend"):
        assert [each.callback.__name__ for each in program([name, "x.wav"]).registered_commands] == [
            name.replace("-", "_")
        ]
    for arguments in ([], ["--help"], ["shwo"]):
        assert program(arguments) is app


def test_an_input_that_ends_early_is_one_line(run, monkeypatch):
    def end_early():
        raise EOFError("Compressed file ended before the end-of-stream marker was reached")

    monkeypatch.setattr("sonogram.presets.preset_names", end_early)
    ran = run("presets")
    assert (ran.code, ran.out) == (1, "")
    assert ran.err.startswith("sonogram: an input is truncated (Compressed file ended before")
    assert ran.err.count("\n") == 1
