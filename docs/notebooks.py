"""Runs the notebooks of `docs/notebooks` and stores small outputs in them.

`python docs/notebooks.py` runs all of them; the tests call `run`. The cells run in this process, in one
namespace, as in the pages: a Jupyter kernel would add twenty packages to the development environment for
the same result. Stored pictures are reduced to a few colors, and a player of audio is not stored.
"""

import ast
import base64
import io
import json
import os
import sys
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

from pictures import in_few_colors
from PIL import Image

FOLDER = Path(__file__).resolve().parent / "notebooks"
WIDTH = 640
"""Width of a stored picture, pixels."""


def notebooks() -> list[Path]:
    """Return all notebooks."""
    return sorted(FOLDER.glob("*.ipynb"))


def run(path: Path) -> list[list[dict[str, Any]]]:
    """Run the code cells of a notebook in its folder, and return the outputs of each.

    An output has the form of the notebook file: `{"text/plain": ..., "image/png": bytes}`, or `{"text": ...}`
    for what was printed.
    """
    names: dict[str, Any] = {"__name__": "__main__"}
    outputs = []
    before = Path.cwd()
    os.chdir(path.parent)
    try:
        for number, cell in enumerate(json.loads(path.read_text(encoding="utf-8"))["cells"]):
            if cell["cell_type"] == "code":
                outputs.append(_cell("".join(cell["source"]), f"{path.name} cell {number}", names))
    finally:
        os.chdir(before)
    return outputs


def _cell(code: str, place: str, names: dict[str, Any]) -> list[dict[str, Any]]:
    """Run one cell. As in Jupyter, the value of a last line that is an expression is displayed."""
    tree = ast.parse(code)
    last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
    printed = io.StringIO()
    value = None
    with redirect_stdout(printed):
        exec(compile(tree, place, "exec"), names)
        if isinstance(last, ast.Expr) and not code.rstrip().endswith(";"):
            value = eval(compile(ast.Expression(last.value), place, "eval"), names)
    outputs: list[dict[str, Any]] = [{"text": printed.getvalue()}] if printed.getvalue() else []
    return outputs if value is None else [*outputs, display(value)]


def display(value: Any) -> dict[str, Any]:
    """Return what Jupyter displays for a value, by content type."""
    shown: dict[str, Any] = {"text/plain": repr(value)}
    if hasattr(value, "_repr_html_"):
        shown["text/html"] = value._repr_html_()
    if hasattr(value, "_repr_png_"):
        shown["image/png"] = value._repr_png_()[0]
    return shown


def store(path: Path) -> None:
    """Run a notebook and write its outputs into it."""
    outputs = iter(run(path))
    notebook = json.loads(path.read_text(encoding="utf-8"))
    count = 0
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            count += 1
            cell["execution_count"] = count
            cell["outputs"] = [_stored(output, count) for output in next(outputs)]
    path.write_text(json.dumps(notebook, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def _stored(output: dict[str, Any], count: int) -> dict[str, Any]:
    if "text" in output:
        return {"output_type": "stream", "name": "stdout", "text": output["text"].splitlines(True)}
    data: dict[str, Any] = {}
    if "image/png" in output:
        data["image/png"] = base64.b64encode(_small(output["image/png"])).decode("ascii")
    elif "<audio" in output.get("text/html", ""):
        data["text/plain"] = ["A player and the spectrogram: run the cell to see them."]
        return {"output_type": "execute_result", "execution_count": count, "data": data, "metadata": {}}
    elif "text/html" in output:
        data["text/html"] = output["text/html"].splitlines(True)
    data["text/plain"] = output["text/plain"].splitlines(True)
    return {"output_type": "execute_result", "execution_count": count, "data": data, "metadata": {}}


def _small(png: bytes) -> bytes:
    with Image.open(io.BytesIO(png)) as picture:
        size = WIDTH, round(picture.height * WIDTH / picture.width)
        small = picture.convert("RGB").resize(size, Image.Resampling.LANCZOS)
    buffer = io.BytesIO()
    in_few_colors(small).save(buffer, format="png", optimize=True)
    return buffer.getvalue()


if __name__ == "__main__":
    for each in [Path(name).resolve() for name in sys.argv[1:]] or notebooks():
        store(each)
        print(f"{each.name}: {each.stat().st_size // 1000} kB")
