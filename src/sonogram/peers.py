"""Names that other libraries give to the same things, for the errors that name ours."""

from __future__ import annotations

import difflib
import functools
import inspect
from collections.abc import Callable, Collection, Iterable
from typing import ParamSpec, TypeVar

__all__ = ["check_keywords", "name_ours", "with_known_keywords"]

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")

# Our name, and the words for it of librosa, torchaudio, Kaldi, Keras, tf.signal, SciPy, soundfile,
# Matplotlib and Hugging Face. A name with points stands in a stage: the field of the front end, the class,
# its own field.
_WORDS = {
    "sample_rate": "sr fs samplerate sampling_rate sampling_frequency sample_frequency orig_sr target_sr "
    "orig_freq new_freq native_sr",
    "fft_length": "n_fft nfft num_fft fft_size fft_len fft_window_size",
    "frame_step": "hop hop_length hop_size hop_len hop_samples n_hop step_size stride sequence_stride "
    "frame_shift frame_stride",
    "frame_length": "win_length win_len win_size window_length window_size frame_size nperseg "
    "sequence_length",
    "window": "window_fn window_type win_type win",
    "padding.Center": "center centered",
    "padding.Center.mode": "pad_mode padding_mode",
    "padding.Valid": "snip_edges",
    "padding.End": "pad_end",
    "conditioning.Conditioning.preemphasis": "preemph preemphasis preemphasis_coefficient pre_emphasis",
    "conditioning.Conditioning.remove_mean": "remove_dc_offset",
    "transform.ConstantQ.num_bins": "n_bins",
    "spectrum.Power": "power",
    "bands.Mel.num_mel_bins": "n_mels n_mel num_mels num_mel mel_bins nmels n_mel_channels num_mel_filters "
    "feature_size n_filters",
    "bands.Mel.lower_hz": "fmin f_min freq_min low_freq min_freq min_frequency mel_fmin lower_edge_hertz",
    "bands.Mel.upper_hz": "fmax f_max freq_max high_freq max_freq max_frequency mel_fmax upper_edge_hertz",
    "bands.Mel.mel_scale": "htk",
    "scaling.Decibels.dynamic_range": "top_db",
    "scaling.Decibels.reference": "ref",
    "scaling.Decibels.floor": "amin a_min",
    "cepstrum.Cepstrum.num_coefficients": "n_mfcc num_mfcc num_mfccs n_ceps num_ceps num_cepstral",
    "cepstrum.Cepstrum.lifter": "cepstral_lifter",
    "samples": "y wav waveform waveforms signal signals",
    "source": "path file filename filepath filename_or_fp",
    "preset": "frontend definition",
    "colors": "cmap colormap",
}
_ARGUMENTS = {"samples", "source", "colors", "preset"}  # of functions; the others are fields of the front end
_OURS = {word: ours for ours, words in _WORDS.items() for word in words.split()}


def name_ours(word: str, known: Collection[str]) -> str:
    """Return what to write in place of a name that something does not have: "write sample_rate".

    Args:
        word: The name, such as "sr".
        known: The names that it has.

    Example:
        >>> name_ours("sr", ["sample_rate"]), name_ours("num_mels", ["num_mel_bins"])
        ('write sample_rate', 'write num_mel_bins')
        >>> name_ours("n_mels", ["sample_rate", "bands"])
        'write bands=sg.bands.Mel(num_mel_bins=...)'
        >>> name_ours("n_mels", ["name"])
        'write sg.preset(name).replace(bands__num_mel_bins=...)'
        >>> name_ours("num_bins", ["num_mel_bins"])
        'did you mean num_mel_bins?'
    """
    field, stage, own = [*_OURS.get(word, "").split("."), "", ""][:3]
    direct = own if stage else field
    if direct and direct in known:
        return f"write {direct}"
    made = f"{field}=sg.{field}.{stage}({own and own + '=...'})" if stage else f"{field}=..."
    if field in known:
        return f"write {made}"
    if field and field not in _ARGUMENTS:
        return f"write sg.preset(name).replace({f'{field}__{own}=...' if own else made})"
    near = difflib.get_close_matches(word, known, n=1)
    return f"did you mean {near[0]}?" if near else f"it takes {', '.join(known)}"


def check_keywords(owner: str, given: Iterable[str], known: Collection[str]) -> None:
    """Raise `TypeError` for the names that `owner` does not take; the message says what to write.

    Args:
        owner: The function or the class.
        given: Names of the arguments by keyword.
        known: Names of its parameters.
    """
    if unknown := [word for word in given if word not in known]:
        hints = ", ".join(f"no {word!r} ({name_ours(word, known)})" for word in unknown)
        raise TypeError(f"{owner} takes {hints}")


def with_known_keywords(function: Callable[Parameters, Result]) -> Callable[Parameters, Result]:
    """Return the function with an error that names ours for keywords of other libraries."""
    known = inspect.signature(function).parameters

    @functools.wraps(function)
    def call(*args: Parameters.args, **kwargs: Parameters.kwargs) -> Result:
        if not known.keys() >= kwargs.keys():
            check_keywords(function.__name__, kwargs, known)
        return function(*args, **kwargs)

    return call
