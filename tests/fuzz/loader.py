"""An Atheris target: content that becomes a sound or one `AudioError`, the same from bytes and a file object.

python tests/fuzz/loader.py [libFuzzer's options] [folder with seeds]
"""

import sys
import warnings

import atheris

# The finder of an editable installation gives Atheris a loader that it cannot instrument: no coverage would
# be measured, and no input kept. PYTHONPATH names the sources instead.
sys.meta_path[:] = [finder for finder in sys.meta_path if isinstance(finder, type)]
with atheris.instrument_imports(include=["sonogram"]):
    import io

    import numpy as np

    from sonogram.audio import blocks, info, load
    from sonogram.errors import AudioError

MOST_SECONDS = 3600
"""Longer sounds are left: a short file may state a day of silence."""
warnings.simplefilter("ignore")  # what is missing of a truncated sound
RATES = (None, 8_000, 16_000, 44_100)


def outcome(read):
    """Samples, or the sentence without the name of the source."""
    try:
        samples = read()
    except AudioError as error:
        sentence = str(error)
        assert len(sentence.splitlines()) == 1, sentence
        return sentence.split(": ", 1)[-1]
    assert np.isfinite(samples).all()
    return samples


def same(first, second):
    """Whether two outcomes are equal."""
    if isinstance(first, str) or isinstance(second, str):
        return isinstance(first, str) and isinstance(second, str) and first == second
    return np.array_equal(first, second)


def read_one(content):
    """Read the content in several ways and compare them."""
    if content.startswith(
        b"MAC "
    ):  # FFmpeg takes 500 MB for as many frames as a header of Monkey's Audio states
        return
    try:
        facts = info(content)
    except AudioError as error:
        facts = str(error)
    else:
        if facts.num_samples * facts.channels > MOST_SECONDS * 16_000:
            return
    whole = outcome(lambda: load(content, mono=False).samples)
    if not isinstance(facts, str) and not isinstance(whole, str):
        slack = 4 * 1_152 if facts.format == "MP3" else 0  # damaged frames are few
        assert whole.shape[0] == facts.channels
        assert 0 <= facts.num_samples - whole.shape[1] <= slack, (whole.shape, facts)
    file = io.BytesIO(content)
    file.seek(min(3, len(content)))
    assert same(whole, outcome(lambda: load(file, mono=False).samples))
    assert file.tell() == min(3, len(content))
    size = len(content)
    if isinstance(whole, str):
        return
    found = outcome(lambda: np.concatenate(list(blocks(content, 1 + size % 5_003, mono=False)), axis=1))
    assert same(whole, found)
    if facts.sample_rate * 200 > 44_100:  # far rates are refused in words
        start = whole.shape[1] // 2
        found = outcome(lambda: load(content, mono=False, offset=start / facts.sample_rate).samples)
        assert isinstance(found, str) or same(whole[:, start:], found)
        outcome(lambda: load(content, RATES[size % len(RATES)]).samples)


def main():
    """Run the fuzzer with the arguments of this program."""
    atheris.Setup(sys.argv, read_one)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
