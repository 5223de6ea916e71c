"""Draws the pictures of the pages: runs their code and commands, and reduces the size of the files.

Arguments are pages; without arguments the pictures of all pages are drawn.
"""

import os
import re
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import snippets
from matplotlib import colormaps
from PIL import Image

IMAGES = snippets.ROOT / "docs" / "images"
WIDTH = 1200
MAPS = ("magma", "RdBu_r")


def wanted(page: Path) -> set[str]:
    """Return the names of the pictures that a page shows."""
    text = page.read_text(encoding="utf-8")
    return set(re.findall(r"!\[[^\]]*\]\([^)]*images/([^)]+)\)", text))


def folder(place: Path) -> None:
    """Link into a folder what the code of a page needs."""
    for name in ("examples", "tests"):
        (place / name).symlink_to(snippets.ROOT / name, target_is_directory=True)


def commands(page: Path) -> list[list[str]]:
    """Return the arguments of the `sonogram` commands on a page."""
    lines = "\n".join(block.code for block in snippets.blocks(page, "sh")).splitlines()
    return [shlex.split(line, comments=True)[1:] for line in lines if line.startswith("sonogram ")]


def in_few_colors(picture: Image.Image) -> Image.Image:
    """Return the picture with a palette: the color map that fits best, and grays for text."""
    pixels = np.asarray(picture, np.int32)
    found, index = np.unique(pixels @ [1 << 16, 1 << 8, 1], return_inverse=True)
    found = np.stack([found >> 16, found >> 8 & 255, found & 255], axis=-1)
    tried = [(_distance(found, colors := _palette(name)), colors) for name in MAPS]
    distance, colors = min(tried, key=lambda each: each[0].min(axis=1)[index].sum())
    few = Image.fromarray(distance.argmin(1)[index].reshape(pixels.shape[:2]).astype(np.uint8))
    few.putpalette(colors.astype(np.uint8).tobytes())
    return few


def _palette(name: str) -> np.ndarray:
    colors = np.concatenate(
        [colormaps[name](np.linspace(0, 1, 192))[:, :3], np.linspace([0] * 3, [1] * 3, 64)]
    )
    return np.round(colors * 255).astype(np.int32)


def _distance(found: np.ndarray, colors: np.ndarray) -> np.ndarray:
    return (found**2).sum(1)[:, None] - 2 * found @ colors.T + (colors**2).sum(1)


def draw(page: Path) -> None:
    """Draw the pictures of one page."""
    with tempfile.TemporaryDirectory() as place:
        folder(Path(place))
        os.chdir(place)
        broken = snippets.run(page)
        for arguments in commands(page):
            subprocess.run([sys.executable, "-m", "sonogram", *arguments], check=True)
        for name in sorted(wanted(page)):
            with Image.open(name) as picture:
                height = round(picture.height * WIDTH / picture.width)
                small = picture.convert("RGB").resize((WIDTH, height), Image.Resampling.LANCZOS)
            in_few_colors(small).save(IMAGES / name, optimize=True)
            print(f"drew {name}, {(IMAGES / name).stat().st_size // 1000} kB")
        os.chdir(snippets.ROOT)
    if broken:
        sys.exit("\n".join(broken))


if __name__ == "__main__":
    IMAGES.mkdir(exist_ok=True)
    for each in [Path(name).resolve() for name in sys.argv[1:]] or snippets.pages():
        if wanted(each):
            draw(each)
