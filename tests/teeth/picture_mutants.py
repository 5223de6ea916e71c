"""Breaks of pictures."""

from front_end_mutants import Mutant

PICTURE = (
    Mutant(
        "an image is copied whatever its size",
        "picture/pixel_image.py",
        "values.shape != (top - bottom, right - left)",
        "False",
        "tests/picture/test_formats.py zoomed",
    ),
    Mutant(
        "energy moved away from its time",
        "picture/sharpened.py",
        "times = frontend.times(len(plain))[:, None] + delay",
        "times = frontend.times(len(plain))[:, None] - delay",
        "tests/picture/test_sharpened.py librosa",
    ),
    Mutant(
        "the scale of an axis bends the pixels again",
        "picture/pixel_image.py",
        "image.set_transform(axes.transLimits + axes.transAxes)",
        "image.set_transform(axes.transData)",
        "tests/picture/test_axes.py at_its_frequency_on_every_axis and log and bins",
    ),
    Mutant(
        "a part sees silence around it",
        "picture/recording.py",
        "around = max(spans) / frontend.sample_rate",
        "around = 0.0",
        "tests/picture/test_excerpt.py features_of_the_whole",
    ),
    Mutant(
        "coefficient 0 takes the whole scale",
        "picture/color_scale.py",
        "rows = image[numbers > 0]",
        "rows = image[numbers >= 0]",
        "tests/picture/test_levels.py without_coefficient_0",
    ),
    Mutant(
        "windows of bats are as long as those of people",
        "picture/viewing.py",
        "(_HIGHEST_COMMON_RATE / sample_rate) ** 2)",
        "(_HIGHEST_COMMON_RATE / sample_rate) ** 0)",
        "tests/picture/test_excerpt.py sweep_of_a_bat",
    ),
    Mutant(
        "metadata after an odd chunk are not found",
        "audio/recorded.py",
        "position += 8 + size + size % 2",
        "position += 8 + size",
        "tests/audio/test_recorded.py guano_is_believed",
    ),
    Mutant(
        "a shared time axis that is not shared",
        "picture/sheet.py",
        "edges = np.linspace(0, wide * longest / each.seconds, wide + 1)",
        "edges = np.linspace(0, wide, wide + 1)",
        "tests/picture/test_sheet.py equal_widths_are_equal_times",
    ),
    Mutant(
        "samples with channels last are drawn",
        "audio/memory.py",
        "samples.shape[1] <= MAX_CHANNELS < samples.shape[0]",
        "samples.shape[1] < 0",
        "tests/test_wrong_arguments.py neither_drawn",
    ),
    Mutant(
        "samples of another clip are drawn above features",
        "picture/panel.py",
        "if frames != len(features):",
        "if False:",
        "tests/picture/test_draw.py wrong_shapes",
    ),
)
