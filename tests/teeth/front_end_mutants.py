"""The breaks of `make teeth` in the front end: definitions, stages and engines."""

from typing import NamedTuple


class Mutant(NamedTuple):
    """One break of the package."""

    name: str
    file: str
    """Path below src/sonogram."""
    old: str
    """Text to replace. It must occur once in the file."""
    new: str
    """The wrong text."""
    tests: str
    """Arguments of pytest: a file and, after a space, an expression for -k."""


FRONT_END = (
    Mutant(
        "maximum over the batch",
        "scaling.py",
        "xp.masked_max(values, mask, (-2, -1))",
        "xp.masked_max(values, mask, (-3, -2, -1))",
        "tests/test_scaling.py peak_is_each_clips_own and graph",
    ),
    Mutant(
        "channels as clips",
        "engines/samples.py",
        "if few and before >= _MIN_SAMPLES",
        "if few and before < 0",
        "tests/engines/test_samples.py channels_last",
    ),
    Mutant(
        "integers of any width",
        "samples.py",
        'or name == "int16")',
        'or "int" in name)',
        "tests/engines/test_samples.py other_types",
    ),
    Mutant(
        "constancy without a tolerance",
        "tolerance.py",
        "LOGARITHM = Tolerance(1e-4, 1e-6)",
        "LOGARITHM = Tolerance(0.0, 0.0)",
        "tests/engines/test_constants.py silent_clips_become_0",
    ),
    Mutant(
        "small variation as constant",
        "tolerance.py",
        "LOGARITHM = Tolerance(1e-4, 1e-6)",
        "LOGARITHM = Tolerance(2e-3, 1e-6)",
        "tests/engines/test_constants.py hundredth_of_a_decibel",
    ),
    Mutant(
        "rounding of an offset as sound",
        "engines/rounding.py",
        "& (values <= rounding)",
        "& (values < -1e30)",
        "tests/engines/test_constants.py outside_the_bands",
    ),
    Mutant(
        "faint sound as rounding",
        "engines/rounding.py",
        "_EQUAL.is_constant(xp, lowest, highest) & ",
        "",
        "tests/engines/test_constants.py one_other_sample",
    ),
    Mutant(
        "infinite range",
        "normalize.py",
        "span < math.inf",
        "span <= math.inf",
        "tests/engines/test_constants.py infinite_feature",
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
        "padding.py",
        "return step - span - self.lookahead",
        "return -span - self.lookahead",
        "tests/test_padding.py frames_are_where",
    ),
    Mutant(
        "one sample too much padding",
        "padding.py",
        "return span // 2\n\n    def added(self, span: int, step: int) -> int:\n        if self",
        "return span // 2 + 1\n\n    def added(self, span: int, step: int) -> int:\n        if self",
        "tests/test_padding.py frames_are_where",
    ),
    Mutant(
        "frames counted with one sample too many",
        "padding.py",
        "(nonempty + self.added(span, step)) // step",
        "(nonempty + self.added(span, step) + 1) // step",
        "tests/test_padding.py frames_are_where",
    ),
    Mutant(
        "last frame not dropped",
        "padding.py",
        '(0 if self.last_frame == "drop" else step)',
        "step",
        "tests/test_padding.py frames_are_where",
    ),
    Mutant(
        "reflect instead of symmetric",
        "padding.py",
        'if mode == "symmetric":',
        'if mode != "symmetric":',
        "tests/test_padding.py mirrors_wrap",
    ),
    Mutant(
        "all of the SAME padding on the left",
        "padding.py",
        "return (total + abs(total)) // 4",
        "return (total + abs(total)) // 2",
        "tests/test_padding.py frames_are_where",
    ),
    Mutant(
        "a derivative divided by its sum once more",
        "deltas.py",
        "return np.asarray(frames / (frames**2).sum())",
        "return np.asarray(frames / (frames**2).sum() ** 2)",
        "tests/test_deltas.py derivatives",
    ),
    Mutant(
        "the buffer of derivatives begins too late",
        "streaming/rows.py",
        "self._num_deltas - 2 * rule.lookahead",
        "self._num_deltas - rule.lookahead + 1",
        "tests/frontend/test_properties.py contract",
    ),
    Mutant(
        "half a semitone too high",
        "transform.py",
        "turns = np.fmod(hertz / sample_rate * n, 1.0)",
        "turns = np.fmod(1.03 * hertz / sample_rate * n, 1.0)",
        "tests/test_transform.py definition",
    ),
    Mutant(
        "kernels begin one sample late in the native engine",
        "engines/native/sums.py",
        "np.array([kernel.begin for kernel",
        "np.array([kernel.begin + 1 for kernel",
        "tests/test_transform.py definition and native",
    ),
    Mutant(
        "stack without its last, padded frame",
        "stack.py",
        "(num_frames + self.stride - 1) // self.stride",
        "num_frames // self.stride",
        "tests/test_padding.py stacks_are_counted",
    ),
    Mutant(
        "times off by half a frame",
        "definition.py",
        "+ self.window_offset + self.frame_length / 2",
        "+ self.window_offset",
        "tests/test_padding.py times_are_the_centers",
    ),
    Mutant(
        "a floor below the peak can be streamed",
        "obstacles.py",
        "if scaling is not None and scaling.peak_dependent:",
        "if scaling is not None and not scaling.peak_dependent:",
        "tests/frontend/test_obstacles.py obstacles_are_named",
    ),
    Mutant(
        "latency of a window that is seen whole",
        "definition.py",
        "- begin) - seen // 2",
        "- begin)",
        "tests/streaming/test_latency.py latency_samples_after",
    ),
    Mutant(
        "fingerprint without a field",
        "definition.py",
        "json.dumps(self.to_dict(),",
        'json.dumps({**self.to_dict(), "padding": 0},',
        "tests/frontend/test_definition.py in_the_fingerprint",
    ),
    Mutant(
        "16000 and 16000.0 differ",
        "config.py",
        "return whole if value == whole else number",
        "return value if isinstance(value, int) else number",
        "tests/test_config.py one_form",
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
        'previous = first if preemphasis.boundary == "repeat" else',
        'previous = first if preemphasis.boundary != "repeat" else',
        "tests/test_conditioning.py frames_emphasis and numpy",
    ),
    Mutant(
        "pre-emphasis left out",
        "engines/tensor.py",
        "program.emphasize(plan, xp, _frame_samples(plan, xp, samples, num_frames))\n        parts",
        "_frame_samples(plan, xp, samples, num_frames)\n        parts",
        "tests/test_conditioning.py frames_emphasis and portable",
    ),
    Mutant(
        "energy after pre-emphasis",
        "engines/numpy.py",
        "program.log_energy(plan, _XP, pieces)",
        "program.log_energy(plan, _XP, program.emphasize(plan, _XP, pieces))",
        "tests/test_cepstrum.py energy_is_that and numpy",
    ),
    Mutant(
        "wrong factor of decibels",
        "spectrum.py",
        "db_factor = 20.0",
        "db_factor = 10.0",
        "tests/test_scaling.py decibels_are_20 and numpy",
    ),
    Mutant(
        "note bands without their norm",
        "bands/triangles.py",
        "return np.asarray(weights / weights.sum(axis=0))",
        "return np.asarray(weights)",
        "tests/test_bands.py share_a_bin",
    ),
    Mutant(
        "edge bins of a density counted twice",
        "spectrum.py",
        "weights[0] /= 2",
        "weights[0] /= 1",
        "tests/test_spectrum.py density",
    ),
    Mutant(
        "HTK instead of Slaney",
        "bands/mel.py",
        'if mel_scale == "htk":\n        return np.asarray(2595.0',
        'if mel_scale != "":\n        return np.asarray(2595.0',
        "tests/test_bands.py mel_scale_is_librosas",
    ),
    Mutant(
        "triangles without their norm",
        "bands/mel.py",
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
        'return (-2,) if per == "band"',
        'return (-1,) if per == "band"',
        "tests/test_normalize.py rule and numpy",
    ),
    Mutant(
        "population instead of sample deviation",
        "normalize.py",
        "xp.masked_mean(centered * centered, mask, axes, self.ddof)",
        "xp.masked_mean(centered * centered, mask, axes, 0)",
        "tests/test_normalize.py rule and numpy",
    ),
    Mutant(
        "mask not applied",
        "conditioning.py",
        "return x if mask is None else xp.where",
        "return x if mask is None or True else xp.where",
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
        "inversion/exact.py",
        "np.tile(plan.window**2,",
        "np.tile(plan.window,",
        "tests/inversion/test_inverse.py samples_come_back",
    ),
)
