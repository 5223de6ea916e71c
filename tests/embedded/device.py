"""Front ends in C: every preset on this machine, sanitizers, and two boards under qemu. Run: make device.

    python tests/embedded/device.py [--cmsis FOLDER]

The boards need `apt-get install gcc-arm-none-eabi libnewlib-arm-none-eabi qemu-system-arm`. With the source
of CMSIS-DSP (the sdist `cmsisdsp` of PyPI) in FOLDER its functions are measured too. The exit status is 1 if
a feature is out of its bound or a program fails.
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
    """Compile each preset that can be exported, and run its golden pack."""
    presets: list[Preset] = [describe(name) for name in sg.preset_names()]
    possible = [each for each in presets if not each.frontend.obstacles("c")]
    worst = 0.0
    for preset in possible:
        sg.export_frontend(preset.frontend, folder)
        run(["gcc", *STRICT, "-o", folder / "check", folder / "frontend.c", folder / "check.c", "-lm"])
        worst = max(worst, worst_part(run([folder / "check"])))
    print(f"{len(possible)} of {len(presets)} presets: no warning, {worst:.2g} of the bound at most")


def fuzz(folder: Path) -> None:
    """Run random clips in random blocks under AddressSanitizer and UndefinedBehaviorSanitizer."""
    for frontend in FUZZED.values():
        sg.export_frontend(frontend, folder)
        sources = [folder / "frontend.c", BOARDS / "fuzz.c"]
        kind = ["-DINTEGERS"] if isinstance(frontend, sg.MicroFrontend) else []
        run(["gcc", *STRICT, *SANITIZE, *kind, f"-I{folder}", "-o", folder / "fuzz", *sources, "-lm"])
        run([folder / "fuzz", "100"])
    print(f"{len(FUZZED)} front ends: 100 random clips each under the sanitizers, nothing found")


def on_board(processor: str, folder: Path, sources: list[str | Path], flags: tuple[str, ...] = ()) -> str:
    """Compile a program for a processor and return what it prints under qemu."""
    machine, cpu = PROCESSORS[processor]
    program = folder / "program.elf"
    options = [*cpu.split(), "-mthumb", "-mfloat-abi=hard", "-O2", *flags, *LINK]
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
    run(
        [
            "arm-none-eabi-gcc",
            *cpu,
            "-mthumb",
            "-mfloat-abi=hard",
            *STRICT,
            "-c",
            "-o",
            folder / "f.o",
            source,
        ]
    )
    flash = int(run(["arm-none-eabi-size", folder / "f.o"]).split("\n")[1].split()[0])
    return flash, written.state_bytes, int(count.split()[1]), part


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


def cmsis(folder: Path, library: Path) -> None:
    """Print the instructions of yamnet's frames with the functions of CMSIS-DSP."""
    sg.export_frontend(sg.preset("yamnet"), folder)
    text = (folder / "frontend.c").read_text()
    tables = [
        re.search(rf"^static const \w+ {name}\[.*?\}};", text, re.MULTILINE | re.DOTALL)
        for name in ("window", "band_weights", "band_first", "band_size")
    ]
    (folder / "tables.h").write_text(
        "\n".join(['#include "frontend.h"', *(each[0] for each in tables if each)])
    )
    groups = [f"{name}Functions" for name in CMSIS_GROUPS]
    sources = [library / "Source" / name / f"{name}.c" for name in (*groups, "CommonTables")]
    flags = (
        "-w",
        "-D__GNUC_PYTHON__",
        "-DARM_MATH_LOOPUNROLL",
        "-ffunction-sections",
        "-fdata-sections",
        "-Wl,--gc-sections",
    )
    includes = (f"-I{library}/Include", f"-I{library}/PrivateInclude")
    for processor in PROCESSORS:
        count, difference = re.findall(
            r"\S+$",
            on_board(processor, folder, [BOARDS / "cmsis.c", *sources], flags + includes),
            re.MULTILINE,
        )
        print(f"CMSIS-DSP, yamnet, {processor}: {int(count) / 1e6:.2f} million, difference {difference}")


def main() -> None:
    """Run everything that this machine can."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--cmsis", type=Path)
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
        if arguments.cmsis:
            cmsis(folder, arguments.cmsis)


if __name__ == "__main__":
    main()
