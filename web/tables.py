"""Write the color maps of Matplotlib as src/draw/tables.ts."""

import base64
from pathlib import Path

import matplotlib
import numpy as np

NAMES = ("magma", "inferno", "plasma", "viridis", "cividis")
HEAD = """/** Color maps of Matplotlib (CC0): 256 colors of three bytes each, as base64. See tables.py. */

export const TABLES: Readonly<Record<string, string>> = {
"""

lines = []
for name in NAMES:
    colors = (matplotlib.colormaps[name](np.arange(256))[:, :3] * 255).round().astype(np.uint8)
    lines.append(f'  {name}:\n    "{base64.b64encode(colors.tobytes()).decode()}",\n')
(Path(__file__).parent / "src" / "draw" / "tables.ts").write_text(HEAD + "".join(lines) + "};\n")
