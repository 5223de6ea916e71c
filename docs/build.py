"""Builds the documentation: the pages made from the code, then the site in build/site.

The code in the pages is run by tests/docs, so that `make check` runs it once.
"""

import os
import subprocess
import sys
from pathlib import Path

import snippets
import tables

ROOT = snippets.ROOT
DOCS = ROOT / "docs"


def generated() -> dict[Path, str]:
    """Return the pages and the script that are made from the code, with their text."""
    return {
        DOCS / "definition.md": tables.definition(),
        DOCS / "presets.md": tables.presets(),
        ROOT / "examples" / "tutorial.py": snippets.script(DOCS / "tutorial.md"),
    }


def main() -> None:
    """Write what is generated, then build the site; a broken link is an error."""
    for path, text in generated().items():
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
            print(f"wrote {path.relative_to(ROOT)}")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet"]
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
    if subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode:
        sys.exit("the site was not built: see the warnings above")
    print("the site is in build/site")


if __name__ == "__main__":
    main()
