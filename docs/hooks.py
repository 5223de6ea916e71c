"""Pages of the site that exist only while it is built: the API reference and the commands.

The names come from `__all__`, so that a new public name appears by itself. The source is read, not
imported: the site builds without TensorFlow.
"""

import ast
import json
import re
import typing
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

import sonogram

ROOT = Path(__file__).resolve().parents[1]
_SAME_NAME = (
    "under the same name: `sonogram extract` is `sg.extract`. Three names differ: `sonogram check` is "
    "`frontend.check()`, `sonogram presets` is `sg.preset_names()` and `sg.presets.describe(name)`, and "
    "`sonogram backbones` is `sg.backbones.CARDS`"
)
SOURCE = Path(sonogram.__file__).parent
NOTEBOOKS = sorted((ROOT / "docs" / "notebooks").glob("*.ipynb"))

GROUPS = {
    "Sound": ("audio",),
    "Front ends": (
        "frontend",
        "bundle",
        "micro",
        "matrix",
        "presets",
        "features",
        "checks",
        "streaming",
        "inversion",
    ),
    "Stages": (
        "padding",
        "conditioning",
        "windows",
        "transform",
        "spectrum",
        "bands",
        "scaling",
        "cepstrum",
        "deltas",
        "normalize",
        "stack",
        "spatial",
    ),
    "Keras": ("layers", "models", "backbones"),
    "Learning": ("dataset", "training", "inference", "search"),
    "Files and pictures": ("picture", "viewer", "exporting", "embedded", "extraction"),
    "More": ("errors",),
}
"""Modules by task: each has a page, and a module that is missing here is added to the last group."""


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Add the generated pages to the navigation."""
    nav: list[Any] = config.nav or []
    reference = next(entry["Reference"] for entry in nav if "Reference" in entry)
    reference.append({"Commands": "commands.md"})
    groups: list[Any] = ["api/index.md"]
    groups += [
        {group: [{_title(module): f"api/{module}.md"} for module in modules]}
        for group, modules in grouped().items()
    ]
    if NOTEBOOKS:
        nav.insert(2, {"Notebooks": [f"notebooks/{path.stem}.md" for path in NOTEBOOKS]})
    nav += [{"API reference": groups}, {"Project": ["changelog.md", "contributing.md", "releasing.md"]}]
    return config


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the generated pages to the site."""
    pages = {"api/index.md": index(), "commands.md": commands()}
    for name in ("CHANGELOG", "CONTRIBUTING"):
        pages[f"{name.lower()}.md"] = (ROOT / f"{name}.md").read_text(encoding="utf-8")
    pages |= {f"api/{module}.md": page(module) for modules in grouped().values() for module in modules}
    pages |= {f"notebooks/{path.stem}.md": notebook(path) for path in NOTEBOOKS}
    for path, text in pages.items():
        files.append(File.generated(config, path, content=text))
    return files


def on_page_markdown(markdown: str, page: Page, **_: Any) -> str:
    """Keep the tables of measurements out of the search, where they hide all other pages."""
    if page.file.src_uri in ("parity.md", "benchmarks.md"):
        return re.sub(r"^(##+ .*)$", r"\1 { data-search-exclude }", markdown, flags=re.MULTILINE)
    return markdown


def grouped() -> dict[str, tuple[str, ...]]:
    """Return the modules with public names, by task."""
    homes = [_module_of(home) for home in sonogram._HOMES]
    public = dict.fromkeys([*homes, *sonogram._STAGES, *sonogram._PACKAGES])
    known = {module for modules in GROUPS.values() for module in modules}
    groups = {
        group: tuple(module for module in modules if module in public) for group, modules in GROUPS.items()
    }
    last = list(groups)[-1]
    groups[last] += tuple(module for module in public if module not in known)
    return groups


def names(module: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return a module's names at the top level, then those under its own name."""
    top = tuple(name for name, home in sonogram._HOME_OF.items() if _module_of(home) == module)
    if module not in (*sonogram._STAGES, *sonogram._PACKAGES):
        return top, ()
    return top, tuple(name for name in exports(module) if name not in sonogram._HOME_OF)


def exports(module: str) -> list[str]:
    """Return the `__all__` of a module, read from its source."""
    for node in _tree(module).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
            return list(ast.literal_eval(node.value))
    return []


def page(module: str) -> str:
    """Return the reference of one module."""
    top, inner = names(module)
    parts = [f"# {_title(module)}", _doc(module)]
    entries = [(f"sg.{name}", f"{sonogram._HOME_OF[name]}.{name}") for name in top]
    entries += [(f"sg.{module}.{name}", f"sonogram.{module}.{name}") for name in inner]
    for heading, identifier in entries:
        parts.append(
            f"[](){{#{heading}}}\n\n"
            f"::: {identifier}\n    options:\n      heading: {heading}\n      toc_label: {heading}\n"
            f"      inherited_members: {str(module == 'frontend').lower()}"
        )
    return "\n\n".join(parts) + "\n"


def index() -> str:
    """Return the table of all public names."""
    parts = [
        "# API reference",
        "Every public name, after `import sonogram as sg`. Each command also exists in Python, "
        f"{_SAME_NAME}.",
    ]
    for group, modules in grouped().items():
        rows = ["| module | names |", "| --- | --- |"]
        for module in modules:
            top, inner = names(module)
            links = [f"[`sg.{name}`]({module}.md#sg.{name})" for name in top]
            links += [f"[`{name}`]({module}.md#sg.{module}.{name})" for name in inner]
            rows.append(f"| [{_title(module)}]({module}.md) | {', '.join(links)} |")
        parts += [f"## {group}", "\n".join(rows)]
    return "\n\n".join(parts) + "\n"


def commands() -> str:
    """Return what `sonogram COMMAND --help` prints, for every command."""
    import typer.main

    from sonogram.cli.app import app

    parts = ["# Commands", f"Each command also exists in Python, {_SAME_NAME}."]
    for name, command in typer.main.get_command(app).commands.items():  # type: ignore[attr-defined]
        rows = ["| argument or option | value | default | meaning |", "| --- | --- | --- | --- |"]
        for parameter in command.params:
            is_option = parameter.param_type_name == "option"
            names = ", ".join([*parameter.opts, *parameter.secondary_opts]) if is_option else ""
            choices = [
                each
                for each in typing.get_args(parameter.type_descriptor.annotation)
                if isinstance(each, str)
            ]
            value = (parameter.metavar or "|".join(choices)) if is_option else ""
            default = "" if parameter.default in (None, False) else f"`{parameter.default}`"
            cells = (names or parameter.metavar or parameter.name.upper(), value)
            shown = [f"`{cell}`" if cell else "" for cell in cells]
            meaning = " ".join((getattr(parameter, "help", None) or "").split()).replace("|", "\\|")
            rows.append(f"| {shown[0]} | {shown[1]} | {default} | {meaning} |")
        parts += [f"## sonogram {name}", command.help or "", "\n".join(rows)]
    return "\n\n".join(parts) + "\n"


def notebook(path: Path) -> str:
    """Return a notebook as a page: its text, its code and the outputs that it holds."""
    parts = [f"[Download this notebook]({path.name})"]
    for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
        source = "".join(cell["source"])
        if cell["cell_type"] == "markdown":
            parts.append(source)
            continue
        parts.append(f"```python\n{source}\n```")
        for output in cell["outputs"]:
            data = output.get("data", {"text/plain": output.get("text", "")})
            if "image/png" in data:
                png = "".join(data["image/png"]).replace("\n", "")
                parts.append(f'<img alt="Output of the cell" src="data:image/png;base64,{png}">')
            elif text := "".join(data.get("text/plain", "")):
                parts.append(f"```text\n{text}\n```")
    parts[:2] = [parts[1], parts[0]] if len(parts) > 1 else parts
    return "\n\n".join(parts) + "\n"


def _module_of(home: str) -> str:
    """Return the module under whose page names of a home are listed."""
    return home.split(".")[1]


def _title(module: str) -> str:
    return f"sg.{module}" if module in (*sonogram._STAGES, *sonogram._PACKAGES) else module.capitalize()


def _doc(module: str) -> str:
    return ast.get_docstring(_tree(module)) or ""


def _tree(module: str) -> ast.Module:
    path = SOURCE / f"{module}.py"
    path = path if path.is_file() else SOURCE / module / "__init__.py"
    return ast.parse(path.read_text(encoding="utf-8"))
