"""`export_frontend`: writes a front end as C source with what checks it, or as files for a browser."""

from __future__ import annotations

import json
import os
import re
import shutil
import tempfile
from pathlib import Path
from typing import Any, Literal, NamedTuple, get_args

from sonogram.bundle import Composite
from sonogram.definition import require_definition
from sonogram.definitions import AnyFrontend, require_any
from sonogram.embedded import golden, micro, source as floats
from sonogram.embedded.templates import fill
from sonogram.errors import SonogramError
from sonogram.frontend import Frontend
from sonogram.micro import MicroFrontend
from sonogram.obstacles import require_possible
from sonogram.presets import find
from sonogram.web import built, to_web

__all__ = ["EmbeddedFrontend", "export_frontend"]

Target = Literal["c", "web"]
_BYTES = {"float": 4, "int32_t": 4, "uint32_t": 4, "uint16_t": 2, "int16_t": 2}
_MARKS = {"frontend.h": "Written by sonogram", "frontend.json": '"format": "sonogram-web"'}
"""What one of the files of an earlier export holds."""
_FLOATS = {
    "arithmetic": "float32",
    "row": "float",
    "checked": "prints the largest difference from the features that `sonogram` computes in float64, as\n"
    "a part of the bound for float32.",
    "processor": "Enable the floating-point unit: `-mcpu=cortex-m4 -mfpu=fpv4-sp-d16\n"
    "   -mfloat-abi=hard` for a Cortex-M4F. Without one every operation is a call of the compiler's\n"
    "   library.",
    "flags": " `-ffast-math` removes the handling of NaN and infinity.",
    "end": "For a clip with an end, call `frontend_finish` until it returns NULL, then `frontend_begin`\n"
    "   for the next one. A device that listens without end needs neither.",
}
_INTEGERS = {
    "arithmetic": "integers",
    "row": "uint16_t",
    "checked": "prints the largest difference from the features that `sonogram` computes, which is 0.",
    "processor": "A floating-point unit is not needed.",
    "flags": "",
    "end": "Call `frontend_begin` again for another clip; a device that listens without end does not.",
}
"""Words of README.md."""


class EmbeddedFrontend(NamedTuple):
    """A front end that `export_frontend` wrote, and the memory that it takes."""

    path: Path
    """The folder."""
    constants_bytes: int
    """Size of the tables, in flash; of the files, for a browser."""
    state_bytes: int | None
    """Size of the state of one stream, in RAM; None for a browser."""


def export_frontend(
    frontend: AnyFrontend, path: str | os.PathLike[str], target: Target = "c"
) -> EmbeddedFrontend:
    """Write a front end for programs without Python: as source code for microcontrollers, or for browsers.

    For "c" the folder holds `frontend.h` and `frontend.c`, C99 in float32 without allocation, which take
    samples in blocks of any length; `frontend.json`, the definition; a program that compares the features
    with those of the engine `numpy`, which `make` in the folder compiles and runs; and `README.md` about
    boards.

    For "web" it holds `frontend.json`, the definition with its tables; and `sonogram.js` and `engine.wasm`,
    the native engine for browsers and Node, which gives the bits of its instruction set "baseline".

    Args:
        frontend: Front end; for "c" a `Frontend` that can be streamed, or a `MicroFrontend`, whose source
            computes in integers.
        path: Folder. It is made, or an earlier export in it is replaced.
        target: "c" or "web".

    Returns:
        The folder, and the bytes of its tables and of the state of one stream.

    Raises:
        SonogramError: `frontend.obstacles("c")` names what prevents it, the engine for browsers lacks a
            stage, or the folder holds something else.

    Example:
        >>> import tempfile
        >>> written = sg.export_frontend(sg.preset("yamnet"), tempfile.mkdtemp())
        >>> sorted(file.name for file in written.path.iterdir())[:4]
        ['Makefile', 'README.md', 'check.c', 'frontend.c']
        >>> written.state_bytes
        3920

    See Also:
        export: a model with its front end, for LiteRT and ONNX. Stream: the same features in Python.
    """
    if target not in get_args(Target):
        raise SonogramError(f"target must be {' or '.join(get_args(Target))}; got {target!r}")
    folder = Path(path)
    if target == "web":
        require_any(frontend)
        files = _web_files(frontend)
        sizes: tuple[int, int | None] = sum(map(len, files.values())), None
    else:
        texts = _texts(_embeddable(frontend))
        files, sizes = {name: text.encode() for name, text in texts.items()}, _sizes(texts)
    _check_replaceable(folder, files)
    folder.parent.mkdir(parents=True, exist_ok=True)
    temporary = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        for name, content in files.items():
            (temporary / name).write_bytes(content)
        folder.mkdir(exist_ok=True)
        for name in files:
            os.replace(temporary / name, folder / name)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    return EmbeddedFrontend(folder, *sizes)


def _web_files(frontend: AnyFrontend) -> dict[str, bytes]:
    """Return the content of each file for a browser."""
    definition = json.dumps(to_web(frontend), indent=1) + "\n"
    script, engine = built("sonogram.js"), built("engine.wasm")
    return {"frontend.json": definition.encode(), "sonogram.js": script, "engine.wasm": engine}


def _embeddable(frontend: Any) -> Frontend | MicroFrontend:
    """Return a front end that can become C source."""
    if isinstance(frontend, Composite):
        raise SonogramError(
            f"C source is for one front end; this is a {type(frontend).__name__}. Use the target web, or "
            "export each of its `frontends` in Python"
        )
    if not isinstance(frontend, MicroFrontend):
        require_definition(frontend)
        require_possible(frontend, "c")
    return frontend  # type: ignore[no-any-return]


def _texts(frontend: Frontend | MicroFrontend) -> dict[str, str]:
    """Return the content of each file."""
    published = find(frontend)
    title = published.name if published else "A front end of your own"
    texts = {
        "frontend.json": json.dumps(frontend.to_dict(defaults=True), indent=2) + "\n",
        "Makefile": fill("Makefile.in"),
    }
    if isinstance(frontend, MicroFrontend):
        texts["frontend.h"] = micro.header(frontend, title)
        texts["frontend.c"] = micro.source(frontend, title)
        texts["golden.h"] = micro.golden_header(frontend, title)
        texts["check.c"] = fill("micro_check.c", title=title)
    else:
        texts["frontend.h"] = floats.header(frontend, title)
        texts["frontend.c"] = floats.source(frontend, title)
        texts["golden.h"] = golden.golden_header(frontend, title)
        texts["check.c"] = fill("check.c", title=title)
    constants, state = _sizes(texts)
    texts["README.md"] = fill(
        "README.md.in",
        title=title,
        summary=published.summary if published else f"{frontend.num_bands} bands, {frontend.unit}",
        constants=f"{constants:,}",
        state=f"{state:,}",
        math=_math(texts["frontend.c"]),
        sample_rate=f"{frontend.sample_rate:g}",
        latency=frontend.latency,
        **(_INTEGERS if isinstance(frontend, MicroFrontend) else _FLOATS),
    )
    return texts


def _math(text: str) -> str:
    used = sorted(set(re.findall(r"\b(sqrtf|expf|expm1f|log1pf|memcpy)\(", text)))
    names = ", ".join(f"`{name}`" for name in used)
    own = f"Of the C library it uses {names}" if used else "It uses no C library"
    return f"{own}; the compiler may call `memset`."


def _sizes(texts: dict[str, str]) -> tuple[int, int]:
    """Return the bytes of the tables and of the state, as they are declared."""
    tables = re.findall(r"^static const (\w+) \w+\[(\d+)\]", texts["frontend.c"], re.MULTILINE)
    fields = re.findall(r"^    (\w+) \w+(?:\[(\d+)\])?;", texts["frontend.h"], re.MULTILINE)
    constants, state = (
        sum(_BYTES[kind] * int(size or 1) for kind, size in each) for each in (tables, fields)
    )
    return constants, state


def _check_replaceable(folder: Path, files: dict[str, bytes]) -> None:
    """Raise an error if the path holds something else than an earlier export."""
    if folder.exists() and not folder.is_dir():
        raise SonogramError(f"{folder} is a file, the export is a folder; give another name")
    taken = [name for name in files if (folder / name).exists()]
    marked = folder / next(name for name in _MARKS if name in files)
    ours = marked.is_file() and _MARKS[marked.name] in marked.read_text("utf-8", errors="replace")
    if taken and not ours:
        raise SonogramError(f"{folder} holds something else, {taken[0]}; give another name")
