"""Compare the times of two commits on this machine. Run: make bench-compare, or ARGS=COMMIT for an older one.

Each benchmark that calls `record` appends its times to bench/history.jsonl, which git ignores. Of each commit
the least time of each row counts, over all its runs on this processor. A row that the newest commit computes
more than 10 % slower than the older one is printed, and the exit code is 1. A matrix product of NumPy is a
row too: where it became slower, so did the machine.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

__all__ = ["machine", "record"]

ROOT = Path(__file__).resolve().parents[1]
HISTORY = ROOT / "bench" / "history.jsonl"
MOST = 1.10
"""Ratio of two times from which on the newer one counts as slower."""


def machine() -> str:
    """Return the processor with its family and model, and the number of cores."""
    name = platform.processor() or platform.machine()
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        lines = []
    facts = dict(line.split(":", 1) for line in lines if ":" in line)
    found = {key.strip(): value.strip() for key, value in facts.items()}
    name = found.get("model name", name)
    if "cpu family" in found:
        name += f" (family {found['cpu family']}, model {found['model']})"
    return f"{name}, {os.cpu_count()} cores"


def record(rows: Iterable[tuple[str, float]]) -> None:
    """Append times of this commit to the history.

    Args:
        rows: Names, and microseconds.
    """
    facts = {"commit": _commit(), "machine": machine()}
    with open(HISTORY, "a", encoding="utf-8") as file:
        for name, microseconds in rows:
            file.write(json.dumps({**facts, "row": name, "microseconds": microseconds}) + "\n")


def _commit() -> str:
    command = ["git", "describe", "--always", "--dirty", "--abbrev=12"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    return done.stdout.strip() or "unknown"


def _times(lines: Iterable[dict[str, Any]]) -> dict[str, dict[str, float]]:
    """Return the least time of each row, by commit in the order of their last runs."""
    found: dict[str, dict[str, float]] = {}
    for line in lines:
        rows = found.pop(line["commit"], {})
        rows[line["row"]] = min(line["microseconds"], rows.get(line["row"], float("inf")))
        found[line["commit"]] = rows
    return found


def main() -> None:
    """Print the rows that became slower."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "commit", nargs="?", default="", help="first digits of the older one; by default the one before"
    )
    wanted = parser.parse_args().commit
    lines = HISTORY.read_text(encoding="utf-8").splitlines() if HISTORY.exists() else []
    times = _times(line for line in map(json.loads, lines) if line["machine"] == machine())
    *earlier, newest = list(times) or [""]
    older = [name for name in earlier if name.startswith(wanted)]
    if not older:
        sys.exit(f"two commits measured on {machine()} are needed; this history has: {', '.join(times)}")
    before, after = times[older[-1]], times[newest]
    shared = [name for name in after if name in before]
    slower = [name for name in shared if after[name] > MOST * before[name]]
    print(f"{older[-1]} to {newest}, {machine()}: {len(slower)} of {len(shared)} rows are slower")
    for name in slower:
        ratio = after[name] / before[name]
        print(f"  {name:60} {before[name]:10.1f} us {after[name]:10.1f} us {ratio:6.2f} x")
    sys.exit(bool(slower))


if __name__ == "__main__":
    main()
