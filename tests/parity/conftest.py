"""The judge of the live comparison stands in bench/parity: the tests use the same one."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "bench"))
