"""Front ends in C: every preset on this machine, sanitizers, and two boards under qemu. Run: make device.

    python tests/embedded/device.py [--cmsis FOLDER]

The boards need `apt-get install gcc-arm-none-eabi libnewlib-arm-none-eabi qemu-system-arm`. The functions of
CMSIS-DSP are measured next to ours: their source is the sdist `cmsisdsp` of PyPI, or what FOLDER has. The
exit status is 1 if a feature is out of its bound or a program fails.
"""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import sonogram as sg
from sonogram.presets import Preset, describe

BOARDS = Path(__file__).parent / "boards"
CROSS = ("arm-none-eabi-gcc", "arm-none-eabi-size", "qemu-system-arm")
PROCESSORS = {
    "Cortex-M4F": ("mps2-an386", "-mcpu=cortex-m4 -mfpu=fpv4-sp-d16"),
    "Cortex-M55": ("mps3-an547", "-mcpu=cortex-m55"),
}
STRICT = ["-std=c99", "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-O2"]
LINK = f"--specs=rdimon.specs -nostartfiles -T {BOARDS}/board.ld".split()
SANITIZE = ["-g", "-O1", "-fsanitize=address,undefined", "-fno-sanitize-recover=all"]
WHISPER = sg.preset("whisper-80").replace(scaling=sg.scaling.Log(base=10, floor=1e-8))
MEASURED = {
    "whisper-80 with a constant floor": WHISPER,
    **{name: sg.preset(name) for name in ("kaldi-fbank-80", "yamnet", "tf-speech-commands", "micro-speech")},
}
FUZZED = {**MEASURED, **{name: sg.preset(name) for name in ("librosa-pcen", "efficientat-32k", "hifigan")}}
ARM = ("-mthumb", "-mfloat-abi=hard")
CMSIS = "1.10.3"
CMSIS_GROUPS = ("Transform", "BasicMath", "ComplexMath", "FastMath", "Support")


def run(command: list[str | Path]) -> str:
    """Run a program; stop with its output if it fails."""
    ran = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    if ran.returncode:
        sys.exit(f"{' '.join(map(str, command))}\n{ran.stdout}{ran.stderr}")
    return ran.stdout


def worst_part(text: str) -> float:
    """Return the largest difference that a golden pack printed, as a part of its bound."""
    assert text.endswith("equal\n"), text
    return max(map(float, re.findall(r"(\S+) of the bound", text)), default=0.0)


def every_preset(folder: Path) -> None:
    """Compile each preset that can be exported, run its golden pack, and push random blocks."""
    presets: list[Preset] = [describe(name) for name in sg.preset_names()]
    possible = [each for each in presets if not each.frontend.obstacles("c")]
    worst = 0.0
    for preset in possible:
        sg.export_frontend(preset.frontend, folder)
        run(["gcc", *STRICT, "-o", folder / "check", folder / "frontend.c", folder / "check.c", "-lm"])
        worst = max(worst, worst_part(run([folder / "check"])))
        run(["gcc", *STRICT, *fuzz_sources(preset.frontend, folder), "-o", folder / "fuzz", "-lm"])
        run([folder / "fuzz", "20"])
    print(f"{len(possible)} of {len(presets)} presets: no warning, {worst:.2g} of the bound at most")
    print(f"{len(possible)} presets: 20 random clips each in random blocks have the bits of one push")


def fuzz_sources(frontend: sg.Frontend | sg.MicroFrontend, folder: Path) -> list[str | Path]:
    """Return the sources and options of the program that pushes random blocks."""
    kind = ["-DINTEGERS"] if isinstance(frontend, sg.MicroFrontend) else []
    return [*kind, f"-I{folder}", folder / "frontend.c", BOARDS / "fuzz.c"]


def fuzz(folder: Path) -> None:
    """Run random clips in random blocks under AddressSanitizer and UndefinedBehaviorSanitizer."""
    for frontend in FUZZED.values():
        sg.export_frontend(frontend, folder)
        run(["gcc", *STRICT, *SANITIZE, *fuzz_sources(frontend, folder), "-o", folder / "fuzz", "-lm"])
        run([folder / "fuzz", "100"])
    print(f"{len(FUZZED)} front ends: 100 random clips each under the sanitizers, nothing found")


def on_board(processor: str, folder: Path, sources: list[str | Path], flags: tuple[str, ...] = ()) -> str:
    """Compile a program for a processor and return what it prints under qemu."""
    machine, cpu = PROCESSORS[processor]
    program = folder / "program.elf"
    options = [*cpu.split(), *ARM, "-O2", *flags, *LINK]
    includes = [f"-I{folder}", f"-I{BOARDS}"]
    run(["arm-none-eabi-gcc", *options, *includes, "-o", program, BOARDS / "board.c", *sources, "-lm"])
    qemu = f"qemu-system-arm -M {machine} -icount shift=0 -display none -monitor none -serial none"
    return run([*qemu.split(), "-semihosting-config", "enable=on,target=native", "-kernel", program])


def measure(
    processor: str, folder: Path, frontend: sg.Frontend | sg.MicroFrontend
) -> tuple[int, int, int, float]:
    """Return the bytes of flash and RAM, the instructions for a second, and the part of the bound."""
    written = sg.export_frontend(frontend, folder)
    source = folder / "frontend.c"
    part = worst_part(on_board(processor, folder, [source, folder / "check.c"], ("-std=c99",)))
    count = on_board(processor, folder, [source, BOARDS / "count.c"], ("-std=c99",))
    cpu = PROCESSORS[processor][1].split()
    run(["arm-none-eabi-gcc", *cpu, *ARM, *STRICT, "-c", "-o", folder / "f.o", source])
    return sizes(folder / "f.o")[0], written.state_bytes, int(count.split()[1]), part


def sizes(compiled: Path) -> tuple[int, int]:
    """Return the bytes that an object takes in flash and those that it takes in RAM."""
    text, data, zeros, *_ = run(["arm-none-eabi-size", compiled]).split("\n")[1].split()
    return int(text) + int(data), int(data) + int(zeros)


def boards(folder: Path) -> None:
    """Print what each front end takes on each processor."""
    print(
        "| front end | processor | flash, bytes | RAM, bytes | instructions per second | part of the bound |"
    )
    print("| --- | --- | --- | --- | --- | --- |")
    for name, frontend in MEASURED.items():
        for processor in PROCESSORS:
            flash, ram, count, part = measure(processor, folder, frontend)
            print(f"| {name} | {processor} | {flash:,} | {ram:,} | {count / 1e6:.2f} million | {part:.2g} |")


def cmsis_source(folder: Path) -> Path | None:
    """Return the source of CMSIS-DSP, from PyPI; None if it cannot be had."""
    options = "--no-deps --no-build-isolation --no-binary :all: --dest"
    download = [sys.executable, "-m", "pip", "download", *options.split(), folder, f"cmsisdsp=={CMSIS}"]
    if subprocess.run(download, capture_output=True, check=False).returncode:
        return None
    name = f"cmsisdsp-{CMSIS}"
    shutil.unpack_archive(folder / f"{name}.tar.gz", folder)
    return folder / name


def cmsis(folder: Path, library: Path) -> None:
    """Print what yamnet's frames take with the functions of CMSIS-DSP."""
    sg.export_frontend(sg.preset("yamnet"), folder)
    text = (folder / "frontend.c").read_text()
    names = ("window", "band_weights", "band_first", "band_size")
    tables = [re.search(rf"^static const \w+ {name}\[.*?\}};", text, re.M | re.S) for name in names]
    (folder / "tables.h").write_text(
        "\n".join(['#include "frontend.h"', *(each[0] for each in tables if each)])
    )
    groups = [f"{name}Functions" for name in CMSIS_GROUPS]
    sources = [BOARDS / "cmsis_frame.c"]
    sources += [library / "Source" / name / f"{name}.c" for name in (*groups, "CommonTables")]
    macros = ("-w", "-D__GNUC_PYTHON__", "-DARM_MATH_LOOPUNROLL", f"-I{library}/Include")
    flags = (*macros, f"-I{library}/PrivateInclude", *["-ffunction-sections", "-fdata-sections"])
    for processor, (_, cpu) in PROCESSORS.items():
        every = (*flags, "-Wl,--gc-sections")
        printed = on_board(processor, folder, [BOARDS / "cmsis.c", *sources], every)
        count, part = re.findall(r"\S+$", printed, re.MULTILINE)
        # The same functions and tables as one object, without those that no frame reaches.
        reached = ["-r", "-nostdlib", "-Wl,--gc-sections,-e,cmsis_frame,-u,cmsis_begin"]
        options = [*cpu.split(), *ARM, "-O2", *flags, f"-I{folder}", f"-I{BOARDS}", *reached]
        run(["arm-none-eabi-gcc", *options, "-o", folder / "c.o", *sources])
        flash, ram = sizes(folder / "c.o")
        name = f"yamnet with CMSIS-DSP {CMSIS} | {processor}"
        print(f"| {name} | {flash:,} | {ram:,} | {int(count) / 1e6:.2f} million | {part} |")


def main() -> None:
    """Run everything that this machine can."""
    parser = argparse.ArgumentParser()
    parser.add_argument(
        "--cmsis", type=Path, metavar="FOLDER", help="source of CMSIS-DSP; from PyPI by default"
    )
    arguments = parser.parse_args()
    if not shutil.which("gcc"):
        sys.exit("needs gcc: apt-get install gcc")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "c"
        every_preset(folder)
        fuzz(folder)
        if missing := [tool for tool in CROSS if not shutil.which(tool)]:
            print(
                f"the boards were not run: {', '.join(missing)} missing; "
                "apt-get install gcc-arm-none-eabi libnewlib-arm-none-eabi qemu-system-arm"
            )
            return
        boards(folder)
        if library := arguments.cmsis or cmsis_source(Path(name)):
            cmsis(folder, library)
        else:
            print(f"CMSIS-DSP was not measured: pip cannot download cmsisdsp=={CMSIS}; use --cmsis FOLDER")


if __name__ == "__main__":
    main()
