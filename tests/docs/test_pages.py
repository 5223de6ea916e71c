"""The generated pages are up to date, and the API reference holds every public name.

Links inside the site are checked when it is built: `make docs`, which `make check` runs.
"""

import importlib
import re
from pathlib import Path
from urllib.parse import urlsplit

import build
import hooks
import pytest

import sonogram

OUTSIDE = [
    build.ROOT / name for name in ("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "examples/README.md")
]


@pytest.mark.parametrize("path", build.generated(), ids=lambda path: path.name)
def test_generated_pages_are_up_to_date(path: Path) -> None:
    assert path.read_text(encoding="utf-8") == build.generated()[path], "run: make docs"


@pytest.mark.parametrize("page", OUTSIDE, ids=lambda path: path.name)
def test_links_outside_the_site_lead_somewhere(page: Path) -> None:
    targets = re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8"))
    local = [urlsplit(target).path for target in targets if not urlsplit(target).scheme]
    missing = [target for target in local if target and not (page.parent / target).exists()]
    assert not missing


def test_every_public_name_is_in_the_api_reference() -> None:
    listed = {
        name for modules in hooks.grouped().values() for module in modules for name in hooks.names(module)[0]
    }
    assert listed == set(sonogram._HOME_OF)
    modules = [module for modules in hooks.grouped().values() for module in modules]
    assert len(modules) == len(set(modules)), "a module has two pages"
    assert {*sonogram._STAGES, *sonogram._PACKAGES} <= set(modules)


@pytest.mark.parametrize("module", [*sonogram._STAGES, *sonogram._PACKAGES])
def test_names_are_read_without_an_import(module: str) -> None:
    expected = getattr(importlib.import_module(f"sonogram.{module}"), "__all__", [])
    assert hooks.exports(module) == list(expected)
    page = hooks.page(module)
    missing = [
        name
        for name in expected
        if name not in sonogram._HOME_OF and f"::: sonogram.{module}.{name}\n" not in page
    ]
    assert not missing


def test_every_command_has_its_options_in_the_reference() -> None:
    text = hooks.commands()
    assert "## sonogram show" in text
    assert "`--preset`" in text or "--preset," in text


def test_every_stage_is_in_the_reference() -> None:
    text = build.tables.definition()
    missing = [
        name
        for module in sonogram._STAGES
        for name in hooks.exports(module)
        if name[0].isupper() and f"`{name}`" not in text and f"# {name}\n" not in text
    ]
    assert not missing


def test_every_preset_is_in_the_table() -> None:
    text = build.tables.presets()
    assert all(f"| `{name}` |" in text for name in sonogram.preset_names())
