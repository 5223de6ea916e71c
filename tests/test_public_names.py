"""Every public name works in a process that has imported nothing but sonogram."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

import sonogram

ROOT = Path(__file__).parents[1]
HEAVY = {
    "StreamingPredictor",
    "StreamingTranscriber",
    "align",
    "dataset",
    "evaluate",
    "export",
    "exporting",
    "inference",
    "layers",
    "load_model",
    "models",
    "predict",
    "train",
    "training",
    "transcribe",
}
"""Names that import Keras or TensorFlow."""
SCRIPT = """
import gc, os, sys, traceback
for module in {first!r}:
    __import__(module)
import sonogram as sg
gc.freeze()  # or the garbage collector of each child visits all that is there
failed = 0
for path in {paths!r}:
    child = os.fork()  # a process of its own, without the seconds in which TensorFlow starts
    if not child:
        value = sg
        try:
            for part in path.split("."):
                value = getattr(value, part)
        except BaseException:
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    if os.waitpid(child, 0)[1]:
        failed += 1
sys.exit(failed)
"""


def documented() -> set[str]:
    """The names in the documents, such as "load" and "padding.Center"."""
    pages = [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]
    text = "\n".join(page.read_text(encoding="utf-8") for page in pages)
    return set(re.findall(r"\bsg\.([A-Za-z]\w*(?:\.[A-Za-z]\w*)?)", text))


PATHS = sorted({*sonogram.__all__, *documented()})


@pytest.mark.exhaustive
@pytest.mark.parametrize(
    ("first", "heavy"),
    [(("numpy", "soundfile"), False), (("keras", "tensorflow"), True)],
    ids=["light", "heavy"],
)
def test_every_name_works_in_a_fresh_process(first: tuple[str, ...], heavy: bool) -> None:
    paths = [path for path in PATHS if (path.partition(".")[0] in HEAVY) == heavy]
    script = SCRIPT.format(first=first, paths=paths)
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = sonogram.nothing


@pytest.mark.parametrize(
    ("name", "place"),
    [
        ("Mel", ". Use sonogram.bands.Mel"),
        ("resample", ". Use sonogram.audio.resample"),
        ("clips", ". Use sonogram.dataset.clips"),
        ("melspectrogram", ""),
        ("__wrapped__", ""),
    ],
)
def test_a_name_of_a_module_is_found_from_the_package(name: str, place: str) -> None:
    with pytest.raises(AttributeError) as error:
        getattr(sonogram, name)
    assert str(error.value) == f"module 'sonogram' has no attribute {name!r}{place}"
