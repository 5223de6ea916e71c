"""The examples in docstrings run and give the values that they show."""

import ast
import doctest
import importlib
from pathlib import Path

import numpy as np
import pictures
import pytest

import sonogram

PACKAGE = Path(sonogram.__file__).parent


def modules_with_examples() -> list[str]:
    """Return the modules with examples; a module without examples is not imported."""
    found = []
    for path in sorted(PACKAGE.rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        kinds = (ast.Module, ast.ClassDef, ast.FunctionDef)
        docs = [ast.get_docstring(node) or "" for node in ast.walk(tree) if isinstance(node, kinds)]
        if any(">>> " in doc for doc in docs):
            parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
            found.append(".".join(part for part in parts if part != "__init__"))
    return found


@pytest.mark.parametrize("name", modules_with_examples())
def test_examples(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pictures.folder(tmp_path)
    monkeypatch.chdir(tmp_path)
    module = importlib.import_module(name)
    public = {public: getattr(sonogram, public) for public in sonogram.__all__}
    names = {**public, "np": np, "sonogram": sonogram, "sg": sonogram, **vars(module)}
    examples = [test for test in doctest.DocTestFinder().find(module, globs=names) if test.examples]
    assert examples, f"no example of {name} was found"
    report: list[str] = []
    runner = doctest.DocTestRunner(verbose=False)
    for test in examples:
        runner.run(test, out=report.append)
    assert not runner.failures, "".join(report)
