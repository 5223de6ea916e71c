"""Breaks of what takes several front ends, several channels, or integers."""

from front_end_mutants import Mutant

COMPOSITE = (
    Mutant(
        "extraction mixes the channels of a Spatial",
        "extraction/blocks.py",
        "audio.load(path, sample_rate, mono=channels is None,",
        "audio.load(path, sample_rate, mono=True,",
        "tests/extraction/test_definitions.py documented_shape and seld-foa",
    ),
    Mutant(
        "extraction counts an array that was cut off as done",
        "extraction/run.py",
        ".st_size == expected",
        ".st_size <= expected",
        "tests/extraction/test_run.py cut_off and npy",
    ),
    Mutant(
        "extraction counts a shard that was cut off as done",
        "extraction/run.py",
        "    except (OSError, ValueError):\n        return False",
        "    except (OSError, ValueError):\n        return True",
        "tests/extraction/test_run.py cut_off and tfrecord",
    ),
    Mutant(
        "extraction of channels is not limited by their samples",
        "extraction/blocks.py",
        "_LARGE_CLIP / (channels or 1)",
        "_LARGE_CLIP / 1",
        "tests/extraction/test_definitions.py limited_by_their_samples",
    ),
    Mutant(
        "panels take values that are not theirs",
        "picture/parts.py",
        "        start = stop",
        "        start = 0",
        "tests/picture/test_feature_parts.py order_of_the_values and channels",
    ),
    Mutant(
        "panels of different units share one scale",
        "picture/color_scale.py",
        "    if len({frontend.unit for frontend in frontends}) > 1:",
        "    if len({frontend.unit for frontend in frontends}) > 9:",
        "tests/picture/test_feature_parts.py share_the_range",
    ),
    Mutant(
        "a spatial definition takes any number of channels",
        "definitions.py",
        "    if needed is not None and channels != needed:",
        "    if needed is not None and channels < needed - 9:",
        "tests/picture/test_feature_parts.py is_one_line",
    ),
    Mutant(
        "exports are compared on equal channels",
        "exporting/cases.py",
        "np.pad(batch[:, channel:], ((0, 0), (0, channel)))",
        "np.pad(batch, ((0, 0), (0, 0)))",
        "tests/exporting/test_composites.py differ",
    ),
    Mutant(
        "opposite phases have the sign of zero",
        "spatial.py",
        "xp.where((sine == 0) & (cosine < 0), xp.zeros_like(cosine) + np.pi, angle)",
        "xp.where((sine == 0) & (cosine < 0), xp.zeros_like(cosine), angle)",
        "tests/test_bundle.py opposite_phases and numpy",
    ),
    Mutant(
        "a running mean of the library ignores its initial value",
        "engines/native/tail.py",
        "kept = keep * rule.initial",
        "kept = 0 * rule.initial",
        "tests/engines/test_native_tail.py normalizations",
    ),
    Mutant(
        "lists of unequal clips reach NumPy",
        "bundle.py",
        "samples = to_array(samples, self.sample_rate)",
        "samples = np.asarray(samples)",
        "tests/test_wrong_arguments.py names_the_remedy and clips",
    ),
)
