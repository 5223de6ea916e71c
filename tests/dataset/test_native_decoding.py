"""The native operation and Python read the same batches, to the last bit: broken files, other rates."""

import numpy as np
import pytest
from engine_list import why_not_native

from sonogram.audio import save
from sonogram.dataset import Clip, Clips, Fixed, Report, Whole, batches
from sonogram.engines.native import sound_op

pytestmark = pytest.mark.skipif(bool(why_not_native()), reason=why_not_native() or "it is here")


@pytest.fixture
def data(tmp_path, rng) -> Clips:
    """Thirty clips; one of them broken, one at another rate, one missing."""
    items = []
    for index in range(30):
        path = tmp_path / f"{index}.{('wav', 'flac')[index % 2]}"
        rate = 11_025 if index == 13 else 8000
        if index != 21:
            save(path, rng.uniform(-0.5, 0.5, 500 + 300 * (index % 7)).astype(np.float32), rate)
        if index == 5:
            path.write_bytes(path.read_bytes()[:300])
        items.append(Clip(str(path), "ab"[index % 2]))
    return Clips(items)


@pytest.mark.parametrize("cut", [Fixed(0.15, crop="random", pad="both"), Whole()])
def test_both_ways_give_the_same(data, cut, monkeypatch):
    found = []
    for native in (True, False):
        with monkeypatch.context() as patch:
            if not native:
                patch.setattr(sound_op, "available", lambda: False)
            report = Report()
            made = batches(data, 8000, cut, batch_size=4, seed=3, report=report)
            found.append([[np.asarray(part) for part in _flat(batch)] for batch in made])
            assert {name.path.rsplit("/", 1)[-1] for name in report.broken} == {"5.flac", "21.flac"}
    for one, other in zip(*found, strict=True):
        for part, same in zip(one, other, strict=True):
            np.testing.assert_array_equal(part, same)


def _flat(batch):
    values, numbers = batch
    return [*values, numbers] if isinstance(values, tuple) else [values, numbers]
