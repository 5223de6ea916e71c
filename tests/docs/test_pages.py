"""What is made from the code is up to date, and no link leads nowhere."""

from pathlib import Path

import build
import pytest
import snippets

import sonogram


@pytest.mark.parametrize("path", build.generated(), ids=lambda path: path.name)
def test_generated_pages_are_up_to_date(path: Path) -> None:
    assert path.read_text(encoding="utf-8") == build.generated()[path], "run: make docs"


def test_links_lead_somewhere() -> None:
    assert not build.broken_links()


def test_a_broken_link_is_noticed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("# Here\n\n[good](#here) [bad](#there) [gone](gone.md) [far](https://x.org)\n")
    monkeypatch.setattr(build, "ROOT", tmp_path)
    monkeypatch.setattr(snippets, "pages", lambda: [page])
    assert build.broken_links() == ["page.md:3: #there", "page.md:3: gone.md"]


def test_every_page_is_in_the_menu() -> None:
    pages = {path.relative_to(build.DOCS).with_suffix("").as_posix() for path in snippets.pages()[1:]}
    assert pages <= set(build.MENU)


def test_the_site_links_its_pages(tmp_path: Path) -> None:
    build.site(tmp_path / "site")
    page = (tmp_path / "site" / "migrate" / "kaldi.html").read_text(encoding="utf-8")
    assert '<a href="../migrate/kaldi.html" class=here>From Kaldi</a>' in page
    assert '<h2 id="onlinefbank">' in page
    assert (tmp_path / "site" / "images" / "bird.png").is_file()


def test_every_stage_is_in_the_reference() -> None:
    text = build.reference.definition()
    stages = [name for name in sonogram.__all__ if name[0].isupper() and not name.endswith("Error")]
    apart = {"Audio", "StreamingPredictor", "Matrix", "Stream"}
    missing = [
        name for name in stages if name not in apart and f"`{name}" not in text and f"# {name}\n" not in text
    ]
    assert not missing


def test_every_preset_is_in_the_table() -> None:
    text = build.reference.presets()
    assert all(f"| `{name}` |" in text for name in sonogram.preset_names())
