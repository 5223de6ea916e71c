"""Break the package on purpose, one line at a time: a test must fail for each break. Run: make teeth.

The breaks are made in copies in a temporary folder; the sources do not change. The exit status is 1 if
a test passes in spite of its break, if the line to break no longer exists, or if a test fails without a
break.
"""

import os
import shutil
import subprocess
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
PASSED, FAILED = 0, 1  # of pytest; anything else means that no test was run

# An editable installation finds its own sources before those in PYTHONPATH, so its finder is removed.
START = """
import sys
sys.meta_path[:] = [f for f in sys.meta_path if "editable" not in type(f).__module__]
import sonogram
assert sonogram.__file__.startswith(sys.argv[1]), f"{sonogram.__file__} is not the copy"
import pytest
sys.exit(pytest.main(sys.argv[2:]))
"""


def main() -> int:
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(AT_ONCE) as pool:
        outcomes = list(pool.map(partial(outcome, Path(folder)), (None, *MUTANTS)))
    width = max(len(mutant.name) for mutant in MUTANTS)
    for mutant, problem in zip(MUTANTS, outcomes[1:], strict=True):
        print(f"{mutant.name:<{width}}  {problem or 'noticed':<9}  {mutant.tests}")
    problems = [problem for problem in outcomes if problem]
    if outcomes[0]:
        print(f"without a break: {outcomes[0]}")
    noticed = len(MUTANTS) - sum(map(bool, outcomes[1:]))
    print(f"{noticed} of {len(MUTANTS)} breaks noticed in {time.monotonic() - started:.0f} s")
    return 1 if problems else 0


def outcome(folder: Path, mutant: Mutant | None) -> str:
    """Run a mutant's test on a broken copy, or all tests on an intact copy; return the problem or ''."""
    copy = folder / (str(MUTANTS.index(mutant)) if mutant else "intact")
    shutil.copytree(PACKAGE, copy / "sonogram", ignore=shutil.ignore_patterns("__pycache__"))
    if mutant is None:
        parts = [arguments(mutant) for mutant in MUTANTS]
        chosen = " or ".join(f"({expression})" for _, _, expression in parts)
        code, output = run(copy, [*sorted({file for file, _, _ in parts}), "-k", chosen])
        return "" if code == PASSED else f"tests fail\n{output}"
    path = copy / "sonogram" / mutant.file
    text = path.read_text(encoding="utf-8")
    if text.count(mutant.old) != 1:
        return f"LINE GONE: {mutant.old!r} must occur once in {mutant.file}; got {text.count(mutant.old)}"
    path.write_text(text.replace(mutant.old, mutant.new), encoding="utf-8")
    code, output = run(copy, ["-x", *arguments(mutant)])
    if code == FAILED:
        return ""
    return "UNNOTICED" if code == PASSED else f"NO TEST RUN\n{output}"


def arguments(mutant: Mutant) -> list[str]:
    """Return the file, -k and the expression."""
    file, _, expression = mutant.tests.partition(" ")
    return [file, "-k", expression]


def run(copy: Path, chosen: list[str]) -> tuple[int, str]:
    """Run pytest on the copy; return its exit status and the end of its output."""
    command = [sys.executable, "-c", START, str(copy), "-q", "-p", "no:cacheprovider", *chosen]
    environment = {**os.environ, "PYTHONPATH": str(copy), "PYTHONDONTWRITEBYTECODE": "1"}
    environment["PYTHONWARNINGS"] = "default"
    ran = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    return ran.returncode, (ran.stdout + ran.stderr)[-2000:]


if __name__ == "__main__":
    sys.exit(main())
