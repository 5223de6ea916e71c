"""The comparison with its bounds is in bench/parity, because `make parity` uses it too."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "bench"))
