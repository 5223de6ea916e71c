"""The native operation and Python read the same batches, to the last bit: broken files, other rates."""

import numpy as np
import pytest
from engine_names import why_not_native

from sonogram.audio import ops as sound_op, save
from sonogram.dataset import Clip, Clips, DatasetReport, Fixed, Whole, batches
from sonogram.dataset.pipeline import _MOST_AT_ONCE
from sonogram.dataset.reader import Reader

pytestmark = pytest.mark.skipif(bool(why_not_native()), reason=why_not_native() or "it is here")
CUTS = [Fixed(0.15, crop="random", pad="both"), Fixed(0.15), Whole()]
ODD = ("5.flac", "13.flac", "21.flac")
"""Broken, at another rate, missing: one of them among clips that are read at once, and Python reads all."""


@pytest.fixture
def data(tmp_path, rng) -> Clips:
    """Groups of clips, one more of them than odd clips: however these are mixed, one group has none."""
    items = []
    for index in range((len(ODD) + 1) * _MOST_AT_ONCE):
        path = tmp_path / f"{index}.{('wav', 'flac')[index % 2]}"
        rate = 11_025 if index == 13 else 8000
        if index != 21:
            save(path, rng.uniform(-0.5, 0.5, 500 + 300 * (index % 7)).astype(np.float32), rate)
        if index == 5:
            path.write_bytes(path.read_bytes()[:300])
        items.append(Clip(str(path), "ab"[index % 2]))
    return Clips(items)


def read(data, cut, report=None):
    """The arrays of each batch."""
    made = batches(data, sample_rate=8000, cut=cut, batch_size=4, seed=3, report=report)
    return [[np.asarray(part) for part in _flat(batch)] for batch in made]


def assert_same(found, wanted):
    for one, other in zip(found, wanted, strict=True):
        for part, same in zip(one, other, strict=True):
            np.testing.assert_array_equal(part, same)


@pytest.mark.parametrize("cut", CUTS)
def test_both_ways_give_the_same(data, cut, monkeypatch):
    found = []
    for native in (True, False):
        with monkeypatch.context() as patch:
            if not native:
                patch.setattr(sound_op, "available", lambda: False)
            report = DatasetReport()
            found.append(read(data, cut, report))
            assert {name.path.rsplit("/", 1)[-1] for name in report.broken} == {"5.flac", "21.flac"}
    assert_same(*found)


@pytest.mark.parametrize("cut", CUTS)
def test_good_files_at_their_own_rate_are_read_without_python(data, cut, monkeypatch):
    good = data.where(lambda clip: not clip.path.endswith(tuple(f"/{name}" for name in ODD)))
    with monkeypatch.context() as patch:
        patch.setattr(sound_op, "available", lambda: False)
        wanted = read(good, cut)
    monkeypatch.setattr(Reader, "values", _refused)
    assert_same(read(good, cut), wanted)


@pytest.mark.parametrize("cut", CUTS)
def test_one_odd_file_brings_few_others_into_python(data, cut, monkeypatch):
    values, asked = Reader.values, []

    def noted(self, path, draw=0):
        asked.append(path)
        return values(self, path, draw)

    monkeypatch.setattr(Reader, "values", noted)
    read(data, cut, DatasetReport())
    assert {path.rsplit("/", 1)[-1] for path in asked} >= set(ODD)
    at_once = _MOST_AT_ONCE if isinstance(cut, Fixed) else 1
    assert len(asked) <= len(ODD) * at_once < len(data)


def _refused(self, path, draw=0):
    raise AssertionError(f"{path} was read in Python")


def _flat(batch):
    values, numbers = batch
    return [*values, numbers] if isinstance(values, tuple) else [values, numbers]
