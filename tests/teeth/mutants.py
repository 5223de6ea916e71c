"""The breaks: one line each, and the fast test that must notice it."""

from typing import NamedTuple


class Mutant(NamedTuple):
    """One break."""

    name: str
    file: str
    """In src/sonogram."""
    old: str
    """Stands once in the file."""
    new: str
    tests: str
    """What pytest is given: a file and, behind a space, an expression for -k."""


MUTANTS = (
    Mutant(
        "maximum over the batch",
        "scaling.py",
        "xp.masked_max(values, mask, (-2, -1))",
        "xp.masked_max(values, mask, (-3, -2, -1))",
        "tests/test_scaling.py peak_is_each_clips_own and graph",
    ),
    Mutant(
        "symmetric window",
        "windows.py",
        "period = length if periodic else length - 1",
        "period = length - 1",
        "tests/test_windows.py recorded_one",
    ),
    Mutant(
        "unnormalized window",
        "windows.py",
        "weights = weights / weights.sum()",
        "weights = weights / weights.max()",
        "tests/test_windows.py norms",
    ),
    Mutant(
        "one frame too few",
        "framing.py",
        "return (num_samples - span - self.lookahead) // step + 1",
        "return (num_samples - span - self.lookahead) // step",
        "tests/test_framing.py frames_are_where",
    ),
    Mutant(
        "one sample more of padding",
        "framing.py",
        "return span // 2\n\n    def count(self, num_samples: Any, span: int, step: int) -> Any:\n"
        "        return (num_samples + 2 *",
        "return span // 2 + 1\n\n    def count(self, num_samples: Any, span: int, step: int) -> Any:\n"
        "        return (num_samples + 2 *",
        "tests/test_framing.py frames_are_where",
    ),
    Mutant(
        "last frame not dropped",
        "framing.py",
        '- int(self.last == "drop")',
        "- 0",
        "tests/test_framing.py frames_are_where",
    ),
    Mutant(
        "reflect for symmetric",
        "framing.py",
        'if mode == "symmetric":',
        'if mode != "symmetric":',
        "tests/test_framing.py mirrors_wrap",
    ),
    Mutant(
        "all of SAME at the left",
        "framing.py",
        "return (total + abs(total)) // 4",
        "return (total + abs(total)) // 2",
        "tests/test_framing.py frames_are_where",
    ),
    Mutant(
        "stack without its tail",
        "framing.py",
        'self.size - 1 if self.tail == "pad" else 0',
        "0",
        "tests/test_framing.py stacks_are_counted",
    ),
    Mutant(
        "times off by half a frame",
        "frontend.py",
        "+ within + self.frame_length / 2",
        "+ within",
        "tests/test_framing.py times_are_the_centers",
    ),
    Mutant(
        "fingerprint without a field",
        "frontend.py",
        "json.dumps(self.to_dict(),",
        'json.dumps({**self.to_dict(), "padding": 0},',
        "tests/frontend/test_definition.py in_the_fingerprint",
    ),
    Mutant(
        "16000 is not 16000.0",
        "knobs.py",
        "whole = int(value)",
        "whole = float(value)",
        "tests/test_knobs.py one_form",
    ),
    Mutant(
        "matrix compared without its shape",
        "matrix.py",
        "repr(array.shape).encode() + ",
        "",
        "tests/test_matrix.py other_contents",
    ),
    Mutant(
        "first sample of a pre-emphasis",
        "engines/program.py",
        'before = first if preemphasis.first == "repeat" else',
        'before = first if preemphasis.first != "repeat" else',
        "tests/test_conditioning.py frames_emphasis and numpy",
    ),
    Mutant(
        "pre-emphasis left out",
        "engines/portable.py",
        "frames = program.emphasize(plan, xp, real_frames(plan, xp, samples, num_frames))",
        "frames = real_frames(plan, xp, samples, num_frames)",
        "tests/test_conditioning.py frames_emphasis and portable",
    ),
    Mutant(
        "energy after pre-emphasis",
        "engines/numpy.py",
        "program.log_energy(plan, _XP, frames)",
        "program.log_energy(plan, _XP, program.emphasize(plan, _XP, frames))",
        "tests/test_cepstrum.py energy_is_that and numpy",
    ),
    Mutant(
        "wrong factor of decibels",
        "spectrum.py",
        "decibels = 20.0",
        "decibels = 10.0",
        "tests/test_scaling.py decibels_are_20 and numpy",
    ),
    Mutant(
        "HTK for Slaney",
        "bands.py",
        'if mel_scale == "htk":\n        return np.asarray(2595.0',
        'if mel_scale != "":\n        return np.asarray(2595.0',
        "tests/test_bands.py mel_scale_is_librosas",
    ),
    Mutant(
        "triangles without their norm",
        "bands.py",
        'if self.norm == "slaney" else weights',
        'if self.norm == "" else weights',
        "tests/test_bands.py recorded_one and librosa",
    ),
    Mutant(
        "floor after the reference",
        "scaling.py",
        "bands = xp.maximum(bands, self.floor)",
        "bands = xp.maximum(bands, self.floor * (self.reference or 1))",
        "tests/test_scaling.py logarithms and numpy",
    ),
    Mutant(
        "PCEN begins with silence",
        "scaling.py",
        "xp.smooth(values, self.smoothing, self.initial)",
        "xp.smooth(values, self.smoothing, 0)",
        "tests/test_scaling.py pcen_begins and numpy",
    ),
    Mutant(
        "lifter off by one",
        "cepstrum.py",
        "np.sin(np.pi * order / self.lifter)",
        "np.sin(np.pi * (order + 1) / self.lifter)",
        "tests/test_cepstrum.py lifter_is_kaldis",
    ),
    Mutant(
        "swapped axes",
        "normalize.py",
        'axes = (-2,) if self.over == "band"',
        'axes = (-1,) if self.over == "band"',
        "tests/test_normalize.py rule and numpy",
    ),
    Mutant(
        "population for sample deviation",
        "normalize.py",
        "xp.masked_mean(centered * centered, mask, axes, self.ddof)",
        "xp.masked_mean(centered * centered, mask, axes, 0)",
        "tests/test_normalize.py rule and numpy",
    ),
    Mutant(
        "mask not applied",
        "engines/tensor.py",
        "return x if lengths is None else xp.where(_inside",
        "return x if lengths is None or True else xp.where(_inside",
        "tests/engines/test_backends.py lengths_are_clips and constant and graph",
    ),
    Mutant(
        "root of silence",
        "spectrum.py",
        "else xp.safe_sqrt(power)",
        "else xp.sqrt(power)",
        "tests/engines/test_backends.py gradients_are_finite and stft and graph",
    ),
    Mutant(
        "inverse weighted by the window once",
        "engines/inverse.py",
        "np.tile(plan.window**2,",
        "np.tile(plan.window,",
        "tests/engines/test_inverse.py samples_come_back",
    ),
    Mutant(
        "stream forgets a sample",
        "streaming/pieces.py",
        "self._last = rows[:, -1].copy()",
        "self._last = rows[:, 0].copy()",
        "tests/streaming/test_stream.py every_length and numpy",
    ),
    Mutant(
        "mask counts all frames",
        "layers/spectrogram.py",
        "counts.valid_features(",
        "counts.features_frames(",
        "tests/layers/test_spectrogram.py mask_is_where",
    ),
    Mutant(
        "gain on 24 bits",
        "audio/sndfile.py",
        "yield chunk[skip:]",
        'yield chunk[skip:] * (0.999 if "24" in self.header.subtype else 1)',
        "tests/audio/test_load.py lossless and PCM_24",
    ),
    Mutant(
        "resampled length rounded down",
        "audio/resample.py",
        "return -(-num_samples * rate_out // rate_in)",
        "return num_samples * rate_out // rate_in",
        "tests/audio/test_load.py resampled_length",
    ),
    Mutant(
        "last frame kept by the op",
        "engines/native/pack.py",
        '(int(counts[0]) + 1 - (rule.last == "drop")) * step',
        "(int(counts[0]) + 1) * step",
        "tests/engines/test_op.py frames_are_counted and drop",
    ),
    Mutant(
        "op in a graph that may be saved",
        "engines/native/op.py",
        'if outside is None or hasattr(outside, "outer_graph"):',
        "if outside is None:",
        "tests/engines/test_op.py runs_nowhere_else",
    ),
    Mutant(
        "op under XLA",
        "engines/native/op.py",
        "return not control_flow_util.GraphOrParentsInXlaContext(tf.compat.v1.get_default_graph())",
        "return control_flow_util is not None",
        "tests/engines/test_op.py under_xla",
    ),
    Mutant(
        "last window goes on with the steps",
        "listening/windows.py",
        "return [self._window(max(self.total - self.size, 0))]",
        "return [self._window(self._next)]",
        "tests/listening/test_windows.py however_it_is_cut",
    ),
    Mutant(
        "events that overlap as windows do",
        "listening/timeline.py",
        "border = (self._last.start + self._last.end + window.start + window.end) / 4",
        "border = self._last.end",
        "tests/listening/test_timeline.py nearest_to_its_middle",
    ),
    Mutant(
        "padding heard by a trunk",
        "models/frozen.py",
        "self._run(clip[None, :count])",
        "self._run(clip[None])",
        "tests/models/test_trunk.py gives_it_alone",
    ),
    Mutant(
        "short clips heard as they are",
        "layers/preparation.py",
        "lengths = ops.maximum(lengths, self.room)",
        "lengths = ops.maximum(lengths, 0)",
        "tests/models/test_parts.py click_shorter",
    ),
    Mutant(
        "memory lent twice",
        "engines/native/memory.py",
        "return np.asarray(_Lent(memory))[:count]",
        "return _Lent(memory)._memory[:count]",
        "tests/engines/test_native_calls.py by_nobody_else",
    ),
    Mutant(
        "start for center",
        "dataset/reader.py",
        '"center": extra // 2,',
        '"center": 0,',
        "tests/dataset/test_native_decoding.py both_ways",
    ),
    Mutant(
        "mask of one frame more",
        "dataset/pipeline.py",
        "return tf.sequence_mask(valid,",
        "return tf.sequence_mask(valid + 1,",
        "tests/dataset/test_batches.py batch_mates and Center",
    ),
    Mutant(
        "other samples from the operation",
        "dataset/decode.py",
        "all_good, lambda: found,",
        "all_good, lambda: (0.999 * found[0], *found[1:]),",
        "tests/dataset/test_native_decoding.py both_ways",
    ),
    Mutant(
        "Python reads what the operation has read",
        "dataset/decode.py",
        "all_good = tf.equal(tf.size(found[2]), tf.size(paths))",
        "all_good = tf.less(tf.size(found[2]), tf.size(paths))",
        "tests/dataset/test_native_decoding.py without_python",
    ),
    Mutant(
        "recorded before it is in its place",
        "extraction/arrays.py",
        "_replace(file.name, place)\n                self._rows.append(row)",
        "self._rows.append(row)\n                _replace(file.name, place)",
        "tests/extraction/test_arrays.py in_its_place",
    ),
    Mutant(
        "features of the first offset",
        "extraction/work.py",
        "reached.append(replace(row, offset=offset))",
        "reached.append(replace(row, offset=0))",
        "tests/dataset/test_stored.py batches_are_those",
    ),
    Mutant(
        "thumbnails in places too low",
        "picture/sheet.py",
        "row, column = divmod(index, self.columns)",
        "row, column = divmod(index + 1, self.columns)",
        "tests/picture/test_sheet.py equal_colors",
    ),
)
