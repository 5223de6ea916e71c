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
import multiprocessing
import os
import runpy
import shutil
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from mutants import MUTANTS, Mutant

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "src" / "sonogram"
AT_ONCE = 2
PASSED, FAILED = 100, 101  # 100 more than pytest's: a process that dies earlier ends with 1 too
LEFT_OUT = "left out"  # its tests are skipped on this machine

# Imported once, in a process that forks one child for each break: TensorFlow alone takes seconds.
PRELOADED = [
    "asyncio",
    "keras",
    "librosa",
    "matplotlib.pyplot",
    "pytest",
    "scipy.signal",
    "soundfile",
    "tensorflow",
    "typer",
]
PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload(PRELOADED)

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
    os.environ["PYTHONWARNINGS"] = "default"
    for variable in ("OMP_NUM_THREADS", "TF_NUM_INTEROP_THREADS", "TF_NUM_INTRAOP_THREADS"):
        os.environ.setdefault(variable, "1")  # runs share the cores: with more they wait for one another
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(AT_ONCE) as pool:
        intact = [] if given.only_breaks else [pool.submit(outcome, Path(folder), chosen, None)]
        timed = list(pool.map(partial(timed_outcome, Path(folder), chosen), chosen))
        unbroken = "".join(each.result() for each in intact)
    outcomes = [problem for problem, _ in timed]
    width = max(len(mutant.name) for mutant in chosen)
    for mutant, (problem, seconds) in zip(chosen, timed, strict=True):
        print(f"{mutant.name:<{width}}  {problem or 'noticed':<9}  {seconds:4.0f} s  {mutant.tests}")
    problems = [problem for problem in (unbroken, *outcomes) if problem not in ("", LEFT_OUT)]
    if unbroken:
        print(f"without a break: {unbroken}")
    noticed = outcomes.count("")
    print(f"{noticed} of {len(chosen)} breaks noticed in {time.monotonic() - started:.0f} s")
    return 1 if problems else 0


def timed_outcome(folder: Path, chosen: list[Mutant], mutant: Mutant) -> tuple[str, float]:
    """Return the outcome and the seconds that it took."""
    started = time.monotonic()
    return outcome(folder, chosen, mutant), time.monotonic() - started


def outcome(folder: Path, chosen: list[Mutant], mutant: Mutant | None) -> str:
    """Run a mutant's test on a broken copy, or all tests on an intact copy.

    Returns "" if all is well, `LEFT_OUT`, or the problem.
    """
    copy = folder / (str(chosen.index(mutant)) if mutant else "intact")
    shutil.copytree(PACKAGE, copy / "sonogram")
    if mutant is None:
        parts = [arguments(mutant) for mutant in chosen]
        expressions = " or ".join(f"({expression})" for _, _, expression in parts)
        code, output = run(copy, [*sorted({file for file, _, _ in parts}), "-k", expressions])
        return "" if code == PASSED else f"tests fail\n{output}"
    path = copy / "sonogram" / mutant.file
    text = path.read_text(encoding="utf-8")
    if text.count(mutant.old) != 1:
        return f"LINE GONE: {mutant.old!r} must occur once in {mutant.file}; got {text.count(mutant.old)}"
    path.write_text(text.replace(mutant.old, mutant.new), encoding="utf-8")
    code, output = run(copy, ["-x", *arguments(mutant)])
    if code not in (PASSED, FAILED):
        # A process with TensorFlow's threads was forked: now and then one dies before pytest has ended.
        print(f"{mutant.name}: exit status {code}, run again\n{output}", file=sys.stderr)
        code, output = run(copy, ["-x", *arguments(mutant)])
    if code == FAILED:
        return ""
    if code != PASSED:
        return f"NO TEST RUN, exit status {code}\n{output}"
    return "UNNOTICED" if " passed" in output else LEFT_OUT


def arguments(mutant: Mutant) -> list[str]:
    """Return the file, -k and the expression."""
    file, _, expression = mutant.tests.partition(" ")
    return [file, "-k", expression]


def run(copy: Path, chosen: list[str]) -> tuple[int, str]:
    """Run pytest on the copy; return its exit status and the end of its output."""
    output = copy / "output"
    process = PROCESSES.Process(target=test, args=(copy, chosen, output))
    process.start()
    process.join()
    assert process.exitcode is not None
    return process.exitcode, output.read_text(encoding="utf-8", errors="replace")[-2000:]


def test(copy: Path, chosen: list[str], output: Path) -> None:
    """Run pytest in this process, on the copy, and end the process."""
    with output.open("w", encoding="utf-8") as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
    os.chdir(ROOT)
    (copy / SITE).write_text(FINDS_THE_COPY, encoding="utf-8")
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
    os._exit(PASSED + code)


if __name__ == "__main__":
    sys.exit(main())
