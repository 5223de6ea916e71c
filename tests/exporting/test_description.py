"""What exported files state about themselves, read with other programs than those that wrote it."""

import json
import zipfile
from pathlib import Path

import keras
import pytest

import sonogram as sg
from sonogram.errors import SonogramError
from sonogram.exporting import FORMATS, VerificationReport, export
from sonogram.exporting.formats import WRITERS
from sonogram.files.model_formats import model_format

TINY = sg.Frontend(8000, 200, 80, bands=sg.bands.Mel(12, 50, 4000), scaling=sg.scaling.Log(floor=1e-6))
LABELS = ("cat", "chien à poil\nlong", "犬")
STATED = {
    "sample_rate": 8000,
    "labels": list(LABELS),
    "multi_label": True,
    "seconds": 1.5,
    "inputs": {
        "samples": {"dtype": "float32", "shape": ["batch", "samples"]},
        "lengths": {"dtype": "int32", "shape": ["batch"]},
    },
    "outputs": {"output": {"dtype": "float32", "shape": ["batch", 3]}},
    "frontends": [TINY.fingerprint],
}


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """One model in each format."""
    folder = tmp_path_factory.mktemp("exported")
    samples, lengths = keras.Input((None,)), keras.Input((), dtype="int32")
    features = sg.layers.Spectrogram(TINY)([samples, lengths])
    logits = keras.layers.Dense(3)(keras.layers.GlobalAveragePooling1D()(features))
    scores = sg.layers.Scores(LABELS, multi_label=True, seconds=1.5)(logits)
    model = keras.Model([samples, lengths], scores)
    paths = {"saved-model": folder / "model", "litert": folder / "m.tflite", "onnx": folder / "m.onnx"}
    for form, path in paths.items():
        export(model, path, None if path.suffix else form)
    return paths


def read(form: str, path: Path) -> dict[str, str]:
    if form == "saved-model":
        return {each.name: each.read_text("utf-8") for each in (path / "assets.extra").iterdir()}
    if form == "litert":
        with zipfile.ZipFile(path) as archive:
            assert archive.testzip() is None
            return {name: archive.read(name).decode() for name in archive.namelist()}
    import onnxruntime

    return dict(onnxruntime.InferenceSession(path).get_modelmeta().custom_metadata_map)


@pytest.mark.parametrize("form", FORMATS)
def test_a_file_states_its_labels_and_its_inputs(exported: dict[str, Path], form: str) -> None:
    texts = read(form, exported[form])
    assert json.loads(texts["sonogram.json"]) == STATED
    assert texts["labels.txt"].splitlines() == ["cat", "chien à poil long", "犬"]  # one line each
    report = Path(f"{exported[form]}.verification.json")
    assert STATED.items() <= json.loads(report.read_text()).items()
    assert VerificationReport.load(report).labels == LABELS


def test_the_axes_of_an_onnx_file_have_names(exported: dict[str, Path]) -> None:
    import onnxruntime

    session = onnxruntime.InferenceSession(exported["onnx"])
    found = {each.name: each.shape for each in (*session.get_inputs(), *session.get_outputs())}
    assert found == {"samples": ["batch", "samples"], "lengths": ["batch"], "output": ["batch", 3]}


def test_features_have_frames_and_no_labels(tmp_path: Path) -> None:
    samples = keras.Input((None,))
    features = sg.layers.Spectrogram(TINY)(samples)
    model = keras.Model(samples, [features, keras.layers.MaxPooling1D(2)(features)])
    report = export(model, tmp_path / "features.onnx")
    assert report.labels is None
    assert report.outputs == {
        "output_0": {"dtype": "float32", "shape": ["batch", "output_0_frames", 12]},
        "output_1": {"dtype": "float32", "shape": ["batch", "output_1_frames", 12]},
    }
    assert set(read("onnx", tmp_path / "features.onnx")) == {"sonogram.json"}


def test_the_archive_counts_from_the_beginning_of_the_file(exported: dict[str, Path]) -> None:
    """Readers that are less patient than Python's find the entries where the directory has them."""
    content = exported["litert"].read_bytes()
    assert content[4:8] == b"TFL3"
    with zipfile.ZipFile(exported["litert"]) as archive:
        for entry in archive.infolist():
            assert content[entry.header_offset :].startswith(b"PK\x03\x04")


def test_every_format_has_a_writer() -> None:
    assert tuple(WRITERS) == FORMATS


@pytest.mark.quick
@pytest.mark.parametrize(
    ("path", "name", "found"),
    [
        ("a/birds.TFLITE", None, "litert"),
        ("birds.v2.onnx", None, "onnx"),
        ("birds.onnx", "onnx", "onnx"),
        ("birds", "litert", "litert"),
        ("birds.v2", "saved-model", "saved-model"),
    ],
)
def test_the_ending_names_the_format(path: str, name: str | None, found: str) -> None:
    assert model_format(path, name) == found


@pytest.mark.quick
@pytest.mark.parametrize(
    ("path", "name", "message"),
    [
        ("birds", None, r"birds: the format is unknown; end the name in \.tflite or \.onnx"),
        ("birds.bin", None, r"the format is unknown"),
        ("birds.bin", "litert", r"ends in \.tflite; name it birds\.tflite"),
        ("birds.tflite", "onnx", r"ends in \.onnx; name it birds\.onnx"),
        ("birds.keras", "saved-model", "a folder without an ending; name it birds"),
        ("birds.tflite", "TFLite", "got 'TFLite'; use litert"),
        ("birds", "coreml", "got 'coreml'$"),
    ],
)
def test_another_ending_is_refused(path: str, name: str | None, message: str) -> None:
    with pytest.raises(SonogramError, match=message):
        model_format(path, name)
