"""The folder of recordings for `make accept`: ../shared/data, or the one in SONOGRAM_DATA."""

import os
from pathlib import Path

DATA = Path(os.environ.get("SONOGRAM_DATA", Path(__file__).resolve().parents[3] / "shared" / "data"))
