"""Write definitions, samples and native features as JSON on stdout: python expected.py PRESET|FILE...

A program of its own, because the instruction set of the native engine is chosen once for a process.
"""

import base64
import json
import sys

import numpy as np

import sonogram as sg
from sonogram.web import built, to_web


def text(values):
    return base64.b64encode(np.ascontiguousarray(values, "<f4").tobytes()).decode()


def clips(frontend, speech):
    """Faint and loud noise, silence and speech in one clip; a constant one; one with NaN; short ones."""
    rate = round(frontend.sample_rate)
    rng = np.random.default_rng(0)
    noise = (rng.standard_normal(rate // 2 + frontend.frame_length) / 9).astype(np.float32)
    broken = noise.copy()
    broken[len(noise) // 2] = np.nan
    voice = sg.audio.resample(speech.samples, speech.sample_rate, rate)[: rate // 2]
    silence = np.zeros(rate // 4 + 7, np.float32)
    faint = noise[: rate // 8] * np.float32(0.01)
    yield np.concatenate([faint, noise, faint, silence, voice])
    yield from (silence, np.full_like(silence, 0.3), noise[:0], noise[:100], noise[:-3] * 1e-12)
    # Which bins of a frame with NaN are NaN depends on the compiler: it may leave out a factor that is 0.
    frontends = getattr(frontend, "frontends", [frontend])
    if not any(isinstance(getattr(each, "spectrum", None), sg.spectrum.Complex) for each in frontends):
        yield broken


def channels(clip, count):
    """Return a sound that reaches each channel a sample later and weaker; the clip alone without channels."""
    if count is None:
        return clip
    return np.stack([np.roll(clip, channel) / (1 + channel) for channel in range(count)]).astype(np.float32)


def cases(index, frontend, speech):
    count = getattr(frontend, "channels", None)
    engine = () if isinstance(frontend, sg.MicroFrontend) else ("native",)
    for clip in clips(frontend, speech):
        samples = channels(clip, count)
        features = frontend(samples, *engine)
        yield {"frontend": index, "samples": text(samples), "features": text(features)}


def resampled(speech):
    for rate in (8000, 22050, 44100, 47999):
        expected = sg.audio.resample(speech.samples, speech.sample_rate, rate)
        rates = {"from": speech.sample_rate, "to": rate}
        yield {**rates, "samples": text(speech.samples), "expected": text(expected)}


if __name__ == "__main__":
    speech = sg.load("examples/speech.wav", duration=1)
    frontends = [sg.preset(name) for name in sys.argv[1:]]
    found = {
        "wasm": base64.b64encode(built("engine.wasm")).decode(),
        "definitions": [to_web(frontend) for frontend in frontends],
        "cases": [case for index, each in enumerate(frontends) for case in cases(index, each, speech)],
        "resampled": list(resampled(speech)),
    }
    json.dump(found, sys.stdout, allow_nan=False)
