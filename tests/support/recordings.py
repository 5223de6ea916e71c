"""Where the recordings beside the project are: SONOGRAM_DATA names another place."""

import os
from pathlib import Path

DATA = Path(os.environ.get("SONOGRAM_DATA", Path(__file__).resolve().parents[3] / "shared" / "data"))
