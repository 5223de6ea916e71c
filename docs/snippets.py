"""Finds and runs the code of the pages, and checks the values in its comments.

A page's ```python blocks run in order, in one namespace, in a folder with links to `examples` and
`tests`. A bare expression with a comment promises its value: `features.shape  # (53, 257)`.
"""

import ast
import linecache
import re
import tokenize
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parents[1]


class Block(NamedTuple):
    """A fenced block of a page."""

    line: int
    """Line of its first line of code, counted from 1."""
    code: str


class Promise(NamedTuple):
    """An expression of a block and its value according to the comment after it."""

    line: int
    expression: str
    value: str


def pages() -> list[Path]:
    """Return every Markdown page of the documentation, the README first."""
    return [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


def blocks(page: Path, language: str = "python") -> list[Block]:
    """Return the fenced blocks of a page in one language."""
    text = page.read_text(encoding="utf-8")
    fenced = re.finditer(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    return [Block(text.count("\n", 0, match.start(1)) + 1, match[1]) for match in fenced]


def promises(code: str) -> Iterator[Promise]:
    """Yield the bare expressions of a block that a comment follows."""
    comments = {
        token.start[0]: token.string.lstrip("# ")
        for token in tokenize.generate_tokens(StringIO(code).readline)
        if token.type == tokenize.COMMENT
    }
    for node in ast.parse(code).body:
        if isinstance(node, ast.Expr) and node.end_lineno in comments:
            yield Promise(node.lineno, ast.unparse(node), comments[node.end_lineno])


def run(page: Path) -> list[str]:
    """Run the blocks of a page in the current folder and return the values that differ."""
    namespace: dict[str, Any] = {"__name__": "__main__"}
    wrong = []
    for block in blocks(page):
        # Blank lines before the code, so that a traceback shows the line of the page.
        source = "\n" * (block.line - 1) + block.code
        name = f"<{page.name}:{block.line}>"
        # TensorFlow reads the source of functions that it compiles.
        linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)
        tree = ast.parse(source, name)
        held = {promise.line: promise for promise in promises(source)}
        for node in tree.body:
            promise = held.get(node.lineno)
            if promise is None or not isinstance(node, ast.Expr):
                exec(compile(ast.Module([node], []), name, "exec"), namespace)
                continue
            value = repr(eval(compile(ast.Expression(node.value), name, "eval"), namespace))
            if value != promise.value:
                place = f"{page.name}:{promise.line}"
                wrong.append(f"{place}: {promise.expression} is {value}, not {promise.value}")
    return wrong


def script(page: Path) -> str:
    """Return the blocks of a page as one script: headings become comments, promises are printed."""
    text = page.read_text(encoding="utf-8")
    lines = text.splitlines()
    parts = []
    for block in blocks(page):
        headings = [line.lstrip("# ") for line in lines[: block.line] if line.startswith("## ")]
        code = block.code.splitlines()
        for promise in promises(block.code):
            code[promise.line - 1] = f"print({promise.expression})  # {promise.value}"
        parts.append((headings[-1] if headings else "", "\n".join(code)))
    result, last = [f'"""The code of {page.relative_to(ROOT)}; docs/build.py generates this file."""\n'], ""
    result.append("# ruff: noqa: E402 - imports follow the steps of the page\n")
    for heading, code in parts:
        if heading != last:
            result.append(f"# --- {heading}\n")
        # Two blank lines before a function at the beginning of a block.
        result.append(f"\n{code}\n" if code.startswith("def ") else f"{code}\n")
        last = heading
    return "\n".join(result)
