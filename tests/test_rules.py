"""Rules of the project: which package imports which library, the length of a file, forbidden expressions."""

import ast
import inspect
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cached_property
from graphlib import TopologicalSorter
from pathlib import Path
from typing import NamedTuple

import pytest

import sonogram

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = Path(sonogram.__file__).parent
MAX_LINES = 400
ONLY_IN_CLI = {"exit", "print", "quit", "sys.exit"}

MATHEMATICS = (
    "bands",
    "cepstrum",
    "conditioning",
    "deltas",
    "matrix",
    "normalize",
    "padding",
    "scaling",
    "spectrum",
    "stack",
    "transform",
    "windows",
)
# What the mathematics may take from the package: the words in which definitions are written.
GROUND = {"errors", "config", "matrix", "tolerance"}

# Every third-party library, and the packages that may import it. What is not here is not allowed.
KERAS_PACKAGES = {
    "audio",
    "dataset",
    "engines",
    "exporting",
    "inference",
    "layers",
    "models",
    "native",
    "training",
}
PACKAGES_OF = {
    "ai_edge_litert": {"exporting", "models"},
    "anywidget": {"viewer"},
    "av": {"audio"},
    "dask": {"extraction"},
    "distributed": {"extraction"},
    "filelock": {"files"},
    "google_crc32c": {"extraction"},
    "h5py": {"layers"},  # comes with Keras
    "jax": {"engines"},
    "keras": KERAS_PACKAGES,
    "matplotlib": {"picture"},
    "onnx": {"exporting", "models"},
    "onnxruntime": {"exporting", "models"},
    "rich": {"cli"},
    "soundfile": {"audio"},
    "soxr": {"audio"},
    "starlette": {"viewer"},
    "tensorflow": KERAS_PACKAGES | {"extraction"},
    "tf2onnx": {"exporting"},
    "torch": {"engines"},
    "typer": {"cli"},
    "uvicorn": {"viewer"},
    "xxhash": {"extraction"},
}
EVERYWHERE = {"numpy"}


class Import(NamedTuple):
    """One import statement of the package, wherever in a file it stands."""

    package: str
    module: str
    place: str


def _package(path: Path) -> str:
    first = path.relative_to(PACKAGE).parts[0]
    return first.removesuffix(".py")


def _trees() -> Iterator[tuple[Path, ast.Module]]:
    for path in sorted(PACKAGE.rglob("*.py")):
        yield path, ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def _imports() -> Iterator[Import]:
    for path, tree in _trees():
        for node in ast.walk(tree):
            place = f"{path.relative_to(PACKAGE)}:{getattr(node, 'lineno', 0)}"
            if isinstance(node, ast.Import):
                for alias in node.names:
                    yield Import(_package(path), alias.name, place)
            elif isinstance(node, ast.ImportFrom):
                assert node.level == 0, f"{place}: write imports in full, not relative to the file"
                for alias in node.names:
                    yield Import(_package(path), f"{node.module}.{alias.name}", place)


def _tracked() -> list[Path]:
    """Every file that is, or is about to be, under version control."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    return [ROOT / name for name in listed.split("\0") if name and (ROOT / name).is_file()]


def _texts() -> Iterator[tuple[Path, str]]:
    for path in _tracked():
        content = path.read_bytes()
        if b"\0" not in content:
            yield path.relative_to(ROOT), content.decode("utf-8", errors="replace")


@pytest.mark.exhaustive
def test_libraries_are_imported_only_in_their_packages() -> None:
    wrong = []
    for package, module, place in _imports():
        library = module.split(".")[0]
        if library in sys.stdlib_module_names or library == "sonogram" or library in EVERYWHERE:
            continue
        if package not in PACKAGES_OF.get(library, set()):
            wrong.append(f"{place}: {library} may be imported in {PACKAGES_OF.get(library, 'no package')}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.exhaustive
def test_the_mathematics_imports_numpy_and_no_sibling() -> None:
    for name in MATHEMATICS:
        found = (PACKAGE / f"{name}.py").is_file() or (PACKAGE / name).is_dir()
        assert found, f"{name} has moved: correct MATHEMATICS"
    wrong = []
    for package, module, place in _imports():
        parts = module.split(".")
        if package not in MATHEMATICS or parts[0] in sys.stdlib_module_names or parts[0] == "numpy":
            continue
        if parts[0] != "sonogram" or parts[1] not in {*GROUND, package}:
            wrong.append(f"{place}: {module}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("module", ["sonogram.audio", "sonogram.cli", "sonogram.picture"])
def test_the_quick_paths_load_no_learning_library(module: str) -> None:
    heavy = ("jax", "keras", "tensorflow", "torch")
    loaded = _loaded_by(f"import {module}")
    assert not loaded & set(heavy), f"import {module} loads {sorted(loaded & set(heavy))}"


def test_import_of_the_package_alone_is_light() -> None:
    assert not _loaded_by("import sonogram") & (EVERYWHERE | set(PACKAGES_OF))


def _loaded_by(statement: str) -> set[str]:
    code = f"{statement}\nimport sys\nprint(*{{name.split('.')[0] for name in sys.modules}})"
    ran = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    return set(ran.stdout.split())


def test_only_the_command_line_prints_and_exits() -> None:
    wrong = []
    for path, tree in _trees():
        if _package(path) == "cli":
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in ONLY_IN_CLI:
                wrong.append(f"{path.relative_to(PACKAGE)}:{node.lineno}: {ast.unparse(node.func)}")
    assert not wrong, "\n".join(wrong)


def test_nothing_unpickles() -> None:
    forbidden = re.compile(r"allow_pickle\s*=\s*True|\b(?:pickle|dill|joblib)\.loads?\(")
    texts = {path: path.read_text(encoding="utf-8") for path in PACKAGE.rglob("*.py")}
    wrong = [str(path.relative_to(PACKAGE)) for path, text in texts.items() if forbidden.search(text)]
    assert not wrong, f"a pickle runs code when it is read: {wrong}"


def test_nothing_is_newer_than_python_3_10() -> None:
    """Names that later versions of Python added would break the command line on the oldest one."""
    newer = {
        *("tomllib", "hashlib.file_digest", "datetime.UTC", "contextlib.chdir", "itertools.batched"),
        *("enum.StrEnum", "asyncio.TaskGroup", "asyncio.timeout", "math.cbrt", "math.exp2", "math.sumprod"),
        *(
            f"typing.{name}"
            for name in ("Self", "Never", "LiteralString", "assert_never", "override", "Unpack")
        ),
    }
    found = []
    for path, tree in _trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom):
                names = {f"{node.module}.{alias.name}" for alias in node.names} | {str(node.module)}
            elif isinstance(node, ast.Import):
                names = {alias.name for alias in node.names}
            else:
                names = {ast.unparse(node)} if isinstance(node, ast.Attribute) else set()
            found += [f"{path.relative_to(PACKAGE)}: {name}" for name in sorted(names & newer)]
    assert not found


def test_files_are_short() -> None:
    kinds = {".cpp", ".h", ".py", ".ts"}
    lengths = {path: text.count("\n") for path, text in _texts() if path.suffix in kinds}
    assert lengths
    long = {str(path): lines for path, lines in lengths.items() if lines > MAX_LINES}
    assert not long, f"more than {MAX_LINES} lines, divide them: {long}"


def test_no_file_names_this_machine_or_its_package_hosts() -> None:
    patterns = [
        re.compile(r"(?<![\w.~)}\]-])/(?:home|root|Users|work|mnt)/[\w.-]"),
        re.compile(r"--(?:extra-)?index[-_]url|--find[-_]links|--trusted[-_]host"),
        re.compile(r"https?://[^/\s]*(?:pypi|pythonhosted|npmjs)"),
        *(re.compile(re.escape(place)) for place in _places_of_this_machine()),
    ]
    wrong = [
        f"{path}:{number}: {line.strip()[:100]}"
        for path, text in _texts()
        for number, line in enumerate(text.splitlines(), 1)
        if any(pattern.search(line) for pattern in patterns)
    ]
    assert not wrong, "\n".join(wrong)


def _places_of_this_machine() -> Iterator[str]:
    yield f"{ROOT}/"
    if Path.home() != Path("/"):
        yield f"{Path.home()}/"
    configured = subprocess.run(
        [sys.executable, "-m", "pip", "config", "list"], check=True, capture_output=True, text=True
    ).stdout
    for name, value in os.environ.items():
        if name.startswith("PIP_"):
            configured += f"\n{value}"
    yield from re.findall(r"https?://(?:[^@/\s']*@)?([^/\s':]+)", configured)


def test_pins_are_versions_and_nothing_else() -> None:
    pin = re.compile(r'[a-z0-9-]+==[\w.]+(; python_version (<|>=) "3\.11")?')
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    wrong = [line for line in lines if not line.startswith("#") and not pin.fullmatch(line)]
    assert not wrong, wrong


def test_every_public_thing_says_what_it_is() -> None:
    silent = []
    for name in sonogram.__all__:
        thing = getattr(sonogram, name)
        if not (thing.__doc__ or "").strip():
            silent.append(name)
        if not inspect.isclass(thing):
            continue
        for member, value in vars(thing).items():
            described = inspect.isfunction(value) or isinstance(
                value, classmethod | staticmethod | property | cached_property
            )
            # An override needs no words of its own where its base has them.
            if described and not member.startswith("_") and not inspect.getdoc(getattr(thing, member)):
                silent.append(f"{name}.{member}")
    assert not silent, f"without a docstring: {silent}"


def test_every_example_clip_names_its_source() -> None:
    table = (ROOT / "examples" / "README.md").read_text(encoding="utf-8")
    files = [path for path in (ROOT / "examples").iterdir() if path.is_file()]
    clips = {path.name for path in files if path.suffix not in (".md", ".py")}
    assert clips
    assert clips == set(re.findall(r"^\| `([^`]+)`", table, flags=re.MULTILINE))


def test_no_module_imports_itself_through_others():
    """Imports inside functions and those for type checkers count too; `make rules` holds the layers."""
    grimp = pytest.importorskip("grimp")
    graph = grimp.build_graph("sonogram", cache_dir=None)
    imported = {module: graph.find_modules_directly_imported_by(module) for module in graph.modules}
    assert len(imported) > 300
    assert [*TopologicalSorter(imported).static_order()]  # raises CycleError, which names the circle
