"""Build the source archive and a wheel for each platform into dist/, check them, and run what runs here.

    python wheels/build.py                            all platforms
    python wheels/build.py windows aarch64-linux      those whose name has one of these parts
    python wheels/build.py linux-gnu --tests          also the quick tests, on each Python and under qemu
    python wheels/build.py x86_64-linux-gnu --tests --on 3.10 --on 3.12     on these Pythons only

zig compiles for every platform from this one. The library of each wheel then computes a clip with each
instruction set: on this machine, under qemu for other processors, under Wine for Windows. No program of
macOS runs on Linux; its wheels are only inspected. A platform that fails becomes a row of the table, and the
others still run.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import debian
from contents import problems
from installed import PYTHONS, Result, on_python, under_emulator
from targets import TARGETS, Target

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
SOURCES = ROOT / "src" / "sonogram" / "native" / "cpp"
ZIG = (sys.executable, "-m", "ziglang", "c++")


def main() -> None:
    """Build the archive and the wheels; end with 1 where something is wrong."""
    options = argparse.ArgumentParser(description="Build and check the wheels.")
    options.add_argument("names", nargs="*", help="parts of the names of the platforms; all by default")
    options.add_argument("--tests", action="store_true", help="run the quick tests with the wheels for Linux")
    options.add_argument(
        "--on", action="append", choices=PYTHONS, help="a Python for the tests; all four by default"
    )
    options.add_argument(
        "--python", default=sys.executable, help="Python with sonogram, which computes the clip"
    )
    chosen = options.parse_args()
    targets = [t for t in TARGETS if not chosen.names or any(name in t.triple for name in chosen.names)]
    if not targets:
        sys.exit(f"no platform is named so; choose from {', '.join(t.triple for t in TARGETS)}")
    dist = ROOT / "dist"
    dist.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        clip = Path(folder, "clip")
        clip.mkdir()
        subprocess.run([chosen.python, HERE / "clip.py", clip / "clip.h"], check=True)
        archive = source_archive(dist)
        with tarfile.open(archive) as opened:
            opened.extractall(folder, filter="data")
        sources = Path(folder, archive.name.removesuffix(".tar.gz"))
        checked = [build_and_check(sources, each, dist, clip, Path(folder)) for each in targets]
        if chosen.tests:
            for each in checked:
                if each.wheel:
                    each.results.extend(run_tests(each.wheel, each.target, chosen.on or PYTHONS))
    for each in checked:
        if each.wheel and not twine_accepts(each.wheel):
            each.problems.append("twine check fails")
    accepted = twine_accepts(archive)
    print_table(archive, "good" if accepted else "twine check fails", checked)
    sys.exit(not accepted or not all(each.passed for each in checked))


class BuildError(Exception):
    """A program cannot be built; the message is what the compiler printed."""


@dataclass(frozen=True)
class Checked:
    """A wheel, None where it cannot be built, what is wrong inside it, and what ran."""

    target: Target
    wheel: Path | None
    problems: list[str]
    results: list[Result]

    @property
    def passed(self) -> bool:
        """Whether nothing is wrong."""
        return not self.problems and all(result.passed for result in self.results)


def build_and_check(sources: Path, target: Target, dist: Path, clip: Path, folder: Path) -> Checked:
    """Build a wheel, inspect it and run its library."""
    try:
        wheel = build_wheel(sources, target, dist)
    except BuildError as error:
        print(error, flush=True)
        return Checked(target, None, ["cannot be built"], [Result("nowhere", "not run", False)])
    try:
        ran = try_library(wheel, target, clip, folder)
    except BuildError as error:
        print(error, flush=True)
        ran = Result("nowhere", "the program that loads the library cannot be built", False)
    return Checked(target, wheel, problems(wheel, target), [show(ran)])


def run_tests(wheel: Path, target: Target, pythons: Sequence[str]) -> Iterator[Result]:
    """Run the tests that run here with a wheel."""
    if target == TARGETS[0]:
        yield from (show(on_python(wheel, version)) for version in pythons)
    elif "linux-gnu" in target.triple:
        yield show(under_emulator(wheel, target.processor))


def twine_accepts(file: Path) -> bool:
    """Whether the package index would accept the description of a file."""
    command = [sys.executable, "-m", "twine", "check", "--strict", file]
    return subprocess.run(command, check=False).returncode == 0


def print_table(archive: Path, state: str, checked: Sequence[Checked]) -> None:
    """Print a row for each file, and one for each further run of its tests."""
    rows = [("file", "size", "contents", "run", "result")]
    rows.append((archive.name, size(archive), state, "here", "the wheels are built from it"))
    for each in checked:
        first, *others = each.results
        name, megabytes = (each.wheel.name, size(each.wheel)) if each.wheel else (each.target.triple, "")
        rows.append((name, megabytes, "; ".join(each.problems) or "good", first.where, first.text))
        rows += [("", "", "", result.where, result.text) for result in others]
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    for row in rows:
        print("  ".join([*(text.ljust(width) for text, width in zip(row, widths, strict=False)), row[4]]))


def size(file: Path) -> str:
    """Return the size of a file in MB."""
    return f"{file.stat().st_size / 1e6:.2f} MB"


def show(result: Result) -> Result:
    """Print a result at once: the table comes minutes later."""
    print(f"{result.where}: {result.text}", flush=True)
    return result


def source_archive(dist: Path) -> Path:
    """Return the archive of the sources."""
    for old in dist.glob("sonogram-*.tar.gz"):
        old.unlink()
    command = [sys.executable, "-m", "build", "--sdist", "--no-isolation", "--outdir", dist, ROOT]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return next(dist.glob("sonogram-*.tar.gz"))


def build_wheel(sources: Path, target: Target, dist: Path) -> Path:
    """Return the wheel of a platform, built from the archive of the sources."""
    print(f"building for {target.triple}", flush=True)
    defines = {
        "CMAKE_CXX_COMPILER": ";".join([*ZIG, "-target", target.triple]),
        "CMAKE_SYSTEM_NAME": target.system,
        "CMAKE_SYSTEM_PROCESSOR": target.processor,
        "CMAKE_MODULE_LINKER_FLAGS": "-s",  # the strip of this machine reads no other formats
        "CMAKE_SHARED_LINKER_FLAGS": "-s",
        # zig compiles the C++ library for each such setting: the checks of CMake take the same ones.
        "CMAKE_TRY_COMPILE_CONFIGURATION": "Release",
        "CMAKE_EXE_LINKER_FLAGS": "-s",
    }
    if target.system == "Darwin":
        defines["CMAKE_INSTALL_NAME_TOOL"] = (
            "true"  # CMake requires this program of macOS and never runs it here
        )
    settings = [
        "-Cinstall.strip=false",
        *(f"-Ccmake.define.{name}={value}" for name, value in defines.items()),
    ]
    settings.append(f"-Cbuild-dir={ROOT / 'build' / 'wheels' / target.triple}")
    with tempfile.TemporaryDirectory() as folder:
        command = [
            sys.executable,
            "-m",
            "build",
            "--wheel",
            "--no-isolation",
            "--outdir",
            folder,
            *settings,
            sources,
        ]
        done = subprocess.run(command, check=False, capture_output=True, text=True)
        if done.returncode:
            raise BuildError(f"{target.triple} cannot be built:\n{done.stdout[-4000:]}{done.stderr[-4000:]}")
        [made] = Path(folder).glob("*.whl")
        retag = [sys.executable, "-m", "wheel", "tags", "--platform-tag", target.tags, "--remove", made]
        subprocess.run(retag, check=True, stdout=subprocess.DEVNULL)
        [tagged] = Path(folder).glob("*.whl")
        return Path(shutil.move(tagged, dist / tagged.name))


def try_library(wheel: Path, target: Target, clip: Path, folder: Path) -> Result:
    """Run a program that loads the library and computes a clip."""
    if target.runner is None:
        return Result("nowhere", "not run: no emulator", True)
    emulator = debian.emulator(target.processor) if target.libraries else shutil.which(target.runner)
    if target.runner and emulator is None:
        return Result("nowhere", f"not run: install {target.package}", True)
    runner = [emulator] if emulator else []
    where = f"under {target.runner}" if target.runner else "here"
    try:
        if target.libraries:
            root = folder / f"{target.triple}-root"
            runner += ["-L", debian.unpack(target.processor, target.libraries, root)]
    except debian.UnavailableError as error:
        return Result(where, str(error), True)
    own = folder / target.triple
    own.mkdir()
    with zipfile.ZipFile(wheel) as archive:
        library = archive.extract(f"sonogram/native/{target.library}", own)
    program = own / ("trial.exe" if target.system == "Windows" else "trial")
    system = SOURCES / "system" / ("windows.cpp" if target.system == "Windows" else "posix.cpp")
    includes = [f"-I{clip}", f"-I{SOURCES / 'kernel'}", f"-I{SOURCES / 'system'}"]
    command = [
        *ZIG,
        "-target",
        target.triple,
        "-std=c++17",
        "-O3",
        "-s",
        *includes,
        HERE / "trial.cpp",
        system,
    ]
    # A static program of musl loads no libraries.
    dynamic = ["-dynamic"] if "musl" in target.triple else []
    done = subprocess.run([*command, *dynamic, "-o", program], check=False, capture_output=True, text=True)
    if done.returncode:
        raise BuildError(f"the program for {target.triple} cannot be built:\n{done.stderr[-4000:]}")
    environment = {**os.environ, "WINEDEBUG": "-all"}
    ran = subprocess.run(
        [*runner, program, library], check=False, capture_output=True, text=True, env=environment
    )
    printed = ", ".join((ran.stdout if ran.returncode == 0 else ran.stdout + ran.stderr).splitlines())
    return Result(where, f"the library, largest difference {printed}", ran.returncode == 0)


if __name__ == "__main__":
    main()
