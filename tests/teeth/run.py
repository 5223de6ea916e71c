"""Break the package on purpose, one line at a time: a test must fail for each break. Run: make teeth.

    python tests/teeth/run.py              all breaks
    python tests/teeth/run.py padding mel  those whose name has one of these parts
    python tests/teeth/run.py --only-breaks
                                           where the tests have just passed: half the time

The breaks are made in copies in a temporary folder; the sources do not change. The exit status is 1 if
a test passes in spite of its break, if the line to break no longer exists, or if a test fails without a
break.
"""

import argparse
import gc
import os
import runpy
import shutil
import sys
import tempfile
import time
import traceback
from collections import deque
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from mutants import MUTANTS, Mutant

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "src" / "sonogram"
AT_ONCE = 2
PASSED, FAILED = 100, 101  # 100 more than pytest's: a process that dies earlier ends with 1 too
LEFT_OUT = "left out"  # its tests are skipped on this machine

# Imported once, in the process that forks one child for each break: TensorFlow alone takes seconds.
PRELOADED = (
    "asyncio",
    "keras",
    "librosa",
    "matplotlib.pyplot",
    "pytest",
    "scipy.signal",
    "soundfile",
    "tensorflow",
    "typer",
)

# An editable installation finds its own sources before those of the path, so its finder is removed: here,
# and in the programs that tests start, where Python runs this file of the path by itself.
SITE = "sitecustomize.py"
FINDS_THE_COPY = """\
import sys

sys.meta_path[:] = [finder for finder in sys.meta_path if "editable" not in type(finder).__module__]
"""


def main() -> int:
    options = argparse.ArgumentParser(description="Break the package on purpose: a test must fail each time.")
    options.add_argument("names", nargs="*", help="parts of the names of breaks; all breaks by default")
    options.add_argument(
        "--only-breaks", action="store_true", help="not the tests without a break: they have just passed"
    )
    given = options.parse_args()
    names = given.names
    chosen = [mutant for mutant in MUTANTS if not names or any(name in mutant.name for name in names)]
    if not chosen:
        options.error(f"no break has {' or '.join(names)} in its name")
    started = time.monotonic()
    preload()
    intact = [] if given.only_breaks else [Run(None, together(chosen))]
    broken = [Run(mutant, ["-x", *arguments(mutant)]) for mutant in chosen]
    with tempfile.TemporaryDirectory() as folder:
        run_all([*intact, *broken], Path(folder))
    width = max(len(mutant.name) for mutant in chosen)
    for run in broken:
        assert run.mutant is not None
        outcome = f"{run.problem or 'noticed':<9}  {run.seconds:4.0f} s"
        print(f"{run.mutant.name:<{width}}  {outcome}  {run.mutant.tests}")
    for run in intact:
        if run.problem:
            print(f"without a break: {run.problem}")
    noticed = sum(not run.problem for run in broken)
    print(f"{noticed} of {len(chosen)} breaks noticed in {time.monotonic() - started:.0f} s")
    return 1 if any(run.problem not in ("", LEFT_OUT) for run in (*intact, *broken)) else 0


def preload() -> None:
    """Import what most tests need, before the first fork."""
    os.environ["PYTHONWARNINGS"] = "default"
    for variable in ("OMP_NUM_THREADS", "TF_NUM_INTEROP_THREADS", "TF_NUM_INTRAOP_THREADS"):
        os.environ.setdefault(variable, "1")  # runs share the cores: with more they wait for one another
    for name in PRELOADED:
        import_module(name)
    # A child that collects garbage would visit all these objects, and so copy the memory that they are in.
    gc.collect()
    gc.freeze()


@dataclass
class Run:
    """Tests on a broken copy, or those of all breaks on an intact one."""

    mutant: Mutant | None
    tests: list[str]
    """Arguments for pytest."""
    problem: str = ""
    """Empty if all is well, or `LEFT_OUT`."""
    seconds: float = 0.0
    attempts: int = 0


def run_all(runs: list[Run], folder: Path) -> None:
    """Run each in a process of its own, `AT_ONCE` at a time, on copies that are used again."""
    waiting, copies, running = deque(runs), [], {}
    for number in range(min(AT_ONCE, len(runs))):
        copies.append(folder / str(number))
        shutil.copytree(PACKAGE, copies[-1] / "sonogram")
        (copies[-1] / SITE).write_text(FINDS_THE_COPY, encoding="utf-8")
    while waiting or running:
        while waiting and copies:
            run = waiting.popleft()
            if problem := damage(copies[-1], run.mutant):
                run.problem = problem
                continue
            copy, begin = copies.pop(), time.monotonic()
            child = os.fork()
            if not child:
                test(copy, run.tests, output_of(copy))
            running[child] = run, copy, begin
        if not running:
            continue
        child, status = os.wait()
        run, copy, begin = running.pop(child)
        run.attempts, run.seconds = run.attempts + 1, run.seconds + time.monotonic() - begin
        code, output = os.waitstatus_to_exitcode(status), end_of(output_of(copy))
        if code not in (PASSED, FAILED) and run.attempts == 1:
            # A process with TensorFlow's threads was forked: now and then one dies before pytest has ended.
            print(
                f"{run.mutant and run.mutant.name}: exit status {code}, run again\n{output}", file=sys.stderr
            )
            waiting.appendleft(run)
        else:
            run.problem = problem_of(run.mutant, code, output)
        repair(copy, run.mutant)
        copies.append(copy)


def damage(copy: Path, mutant: Mutant | None) -> str:
    """Make a break in a copy; return the problem if it cannot be made."""
    if mutant is None:
        return ""
    path = copy / "sonogram" / mutant.file
    text = path.read_text(encoding="utf-8")
    if text.count(mutant.old) != 1:
        return f"LINE GONE: {mutant.old!r} must occur once in {mutant.file}; got {text.count(mutant.old)}"
    path.write_text(text.replace(mutant.old, mutant.new), encoding="utf-8")
    return ""


def repair(copy: Path, mutant: Mutant | None) -> None:
    """Put the original file back, with its time, so that its compiled form is valid again."""
    if mutant is not None:
        shutil.copy2(PACKAGE / mutant.file, copy / "sonogram" / mutant.file)


def problem_of(mutant: Mutant | None, code: int, output: str) -> str:
    """Return what is wrong with the end of a run."""
    if mutant is None:
        return "" if code == PASSED else f"tests fail\n{output}"
    if code == FAILED:
        return ""
    if code != PASSED:
        return f"NO TEST RUN, exit status {code}\n{output}"
    return "UNNOTICED" if " passed" in output else LEFT_OUT


def arguments(mutant: Mutant) -> list[str]:
    """Return the file, -k and the expression."""
    file, _, expression = mutant.tests.partition(" ")
    return [file, "-k", expression]


def together(mutants: list[Mutant]) -> list[str]:
    """Return the arguments for the tests of all."""
    parts = [arguments(mutant) for mutant in mutants]
    expressions = " or ".join(f"({expression})" for _, _, expression in parts)
    return [*sorted({file for file, _, _ in parts}), "-k", expressions]


def output_of(copy: Path) -> Path:
    return copy / "output"


def end_of(output: Path) -> str:
    return output.read_text(encoding="utf-8", errors="replace")[-2000:]


def test(copy: Path, chosen: list[str], output: Path) -> None:
    """Run pytest in this process, on the copy, and end the process."""
    code = 1 - PASSED  # of a process that dies before pytest has run
    try:
        with output.open("w", encoding="utf-8") as file, open(os.devnull) as nothing:
            os.dup2(nothing.fileno(), 0)
            os.dup2(file.fileno(), 1)
            os.dup2(file.fileno(), 2)
        os.chdir(ROOT)
        runpy.run_path(str(copy / SITE))
        sys.path.insert(0, str(copy))
        os.environ["PYTHONPATH"] = str(copy)  # of the programs that tests start
        sys.dont_write_bytecode = True
        os.environ["PYTHONDONTWRITEBYTECODE"] = "1"
        import pytest

        import sonogram

        assert sonogram.__file__.startswith(str(copy)), f"{sonogram.__file__} is not the copy"
        unused = ("anyio", "cacheprovider", "xdist")  # plugins that take time to start
        code = pytest.main(["-q", *(f"-pno:{name}" for name in unused), *chosen])
        sys.stdout.flush()
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(PASSED + code)


if __name__ == "__main__":
    sys.exit(main())
