"""Builds the documentation: the pages made from the code, the links, the site in build/site.

The code in the pages is run by tests/docs, so that `make check` runs it once.
"""

import re
import shutil
import sys
from itertools import pairwise
from pathlib import Path
from urllib.parse import unquote, urlsplit

import reference
import snippets
from markdown_it import MarkdownIt
from markdown_it.token import Token
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import get_lexer_by_name
from pygments.util import ClassNotFound

ROOT = snippets.ROOT
DOCS = ROOT / "docs"
SITE = ROOT / "build" / "site"

# What stands in the menu, in the order in which a newcomer reads.
MENU = (
    "index",
    "tutorial",
    "concepts",
    "gallery",
    "definition",
    "presets",
    "parity",
    "benchmarks",
    "augmentation",
    "datasets",
    "extraction",
    "resampling",
    "training",
    "prediction",
    "recipes/speech-commands",
    "recipes/gtzan",
    "recipes/esc-50",
    "glossary",
    "migrate/librosa",
    "migrate/torchaudio",
    "migrate/kaldi",
    "migrate/tf-signal",
    "migrate/keras",
    "migrate/kapre",
    "migrate/tensorflow-io",
)


def generated() -> dict[Path, str]:
    """The pages and the script that are made from the code, and what they must hold."""
    return {
        DOCS / "definition.md": reference.definition(),
        DOCS / "presets.md": reference.presets(),
        ROOT / "examples" / "tutorial.py": snippets.script(DOCS / "tutorial.md"),
    }


def anchors(page: Path) -> set[str]:
    """The places in a page that a link can name."""
    tokens = MarkdownIt().parse(page.read_text(encoding="utf-8"))
    return {_slug(content.content) for token, content in pairwise(tokens) if token.type == "heading_open"}


def broken_links() -> list[str]:
    """The links and pictures of all pages that lead nowhere inside the project."""
    broken = []
    for page in snippets.pages():
        for line, target in _links(page):
            parts = urlsplit(target)
            if parts.scheme:
                continue
            path = (page.parent / unquote(parts.path)).resolve() if parts.path else page
            anchored = not parts.fragment or parts.fragment in (
                anchors(path) if path.suffix == ".md" and path.is_file() else ()
            )
            if not path.exists() or not anchored:
                broken.append(f"{page.relative_to(ROOT)}:{line}: {target}")
    return broken


def site(target: Path = SITE) -> None:
    """Writes the pages as HTML that needs no server, no script and no network."""
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    shutil.copytree(DOCS / "images", target / "images")
    style = (DOCS / "style.css").read_text(encoding="utf-8")
    colors = HtmlFormatter(style="friendly").get_style_defs(".code")
    (target / "style.css").write_text(f"{style}\n{colors}\n", encoding="utf-8")
    for page in sorted(DOCS.rglob("*.md")):
        place = target / page.relative_to(DOCS).with_suffix(".html")
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(_html(page), encoding="utf-8")


def _links(page: Path) -> list[tuple[int, str]]:
    tokens = MarkdownIt().enable("table").parse(page.read_text(encoding="utf-8"))
    return [
        ((token.map or (0,))[0] + 1, str(child.attrs.get("href") or child.attrs.get("src")))
        for token in tokens
        for child in token.children or ()
        if child.type in ("link_open", "image")
    ]


def _html(page: Path) -> str:
    markdown = MarkdownIt("commonmark", {"highlight": _highlighted}).enable("table")
    tokens = markdown.parse(page.read_text(encoding="utf-8"))
    title = next((token.content for token in tokens if token.type == "inline"), "sonogram")
    for token, content in pairwise(tokens):
        if token.type == "heading_open":
            token.attrs["id"] = _slug(content.content)
        for child in content.children or ():
            _to_site(child, page)
    up = "../" * len(page.relative_to(DOCS).parents[:-1])
    menu = "\n".join(
        f'<a href="{up}{name}.html"{" class=here" if page == DOCS / f"{name}.md" else ""}>'
        f"{_title(DOCS / f'{name}.md')}</a>"
        for name in MENU
        if (DOCS / f"{name}.md").is_file()
    )
    body = markdown.renderer.render(tokens, markdown.options, {})
    return (
        f'<!doctype html>\n<html lang="en">\n<meta charset="utf-8">\n<title>{title}</title>\n'
        '<meta name="viewport" content="width=device-width">\n'
        f'<link rel="stylesheet" href="{up}style.css">\n'
        f"<nav>\n{menu}\n</nav>\n<main>\n{body}</main>\n</html>\n"
    )


def _to_site(token: Token, page: Path) -> None:
    """Turns a link to a page into one to its HTML; what is no page becomes plain text."""
    target = str(token.attrs.get("href", ""))
    if not target or urlsplit(target).scheme:
        return
    inside = (page.parent / urlsplit(target).path).resolve().is_relative_to(DOCS)
    token.attrs["href"] = re.sub(r"\.md(?=#|$)", ".html", target) if inside else ""
    if not inside:
        del token.attrs["href"]


def _highlighted(code: str, language: str, _: str) -> str:
    try:
        lexer = get_lexer_by_name({"sh": "bash"}.get(language, language))
    except ClassNotFound:
        return ""
    return f'<pre class="code">{highlight(code, lexer, HtmlFormatter(nowrap=True))}</pre>'


def _title(page: Path) -> str:
    return page.read_text(encoding="utf-8").split("\n", 1)[0].lstrip("# ")


def _slug(heading: str) -> str:
    """The name that code hosts give to a heading."""
    kept = re.sub(r"[^\w\- ]", "", heading.replace("`", "").lower())
    return kept.replace(" ", "-")


def main() -> None:
    """Writes what is generated, checks the links and builds the site."""
    for path, text in generated().items():
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
            print(f"wrote {path.relative_to(ROOT)}")
    broken = broken_links()
    if broken:
        sys.exit("links that lead nowhere:\n" + "\n".join(broken))
    site()
    print(f"the site is in {SITE.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
