"""Breaks of sound events: scenes, detection and metrics."""

from front_end_mutants import Mutant

EVENTS = (
    Mutant(
        "the level of an event ignores the noise",
        "dataset/mixing.py",
        "gain = _NOISE_LEVEL * 10 ** (level / 20) /",
        "gain = 10 ** (level / 20) /",
        "tests/dataset/test_mixing.py above_the_noise",
    ),
    Mutant(
        "a scene has clips of every group",
        "dataset/mixing.py",
        "_Source(name, split, part, noise[place % step :: step])",
        "_Source(name, split, whole, noise[place % step :: step])",
        "tests/dataset/test_mixing.py no_group_of_clips",
    ),
    Mutant(
        "mix replaces the manifest of a user",
        "dataset/mixing.py",
        "        if others:",
        "        if not others:",
        "tests/cli/test_mix.py files_of_the_user",
    ),
    Mutant(
        "an event after its recording is none",
        "dataset/loading.py",
        "    if late is not None:",
        "    if late is None and clip.label:",
        "tests/dataset/test_events.py after_its_recording",
    ),
    Mutant(
        "stacked frames have the times of single ones",
        "training/segments.py",
        "return self.stride * self.frontend.frame_period",
        "return self.stride * self.frontend.frame_step / self.frontend.sample_rate",
        "tests/training/test_detection.py targets_follow",
    ),
    Mutant(
        "events begin where the scores reach the threshold",
        "inference/detection.py",
        "scores >= release * threshold, 1",
        "scores >= threshold, 1",
        "tests/inference/test_detection.py share_of_the_threshold",
    ),
    Mutant(
        "a detector counts the frames below a stack",
        "inference/detection.py",
        "round(stride * frontend.frame_period * frontend.sample_rate)",
        "stride * frontend.frame_step",
        "tests/inference/test_detection.py times_of_their_rows",
    ),
    Mutant(
        "frames at the edges of parts lack context",
        "inference/detection.py",
        "first = self._margin if start else 0",
        "first = 0",
        "tests/inference/test_detection.py parts_of_a_long",
    ),
    Mutant(
        "infinitely many events have no scores",
        "layers/frame_scores.py",
        "keras.ops.minimum(logits[..., -1:], math.log(len(self.labels)))",
        "logits[..., -1:]",
        "tests/inference/test_detection.py divides_its_score",
    ),
    Mutant(
        "the loss counts at most one event in a frame",
        "training/detection.py",
        "ops.sum(targets, axis=-1) * number",
        "ops.max(targets, axis=-1) * number",
        "tests/training/test_detection.py poisson_counts",
    ),
    Mutant(
        "ends of long events must be as exact as those of short ones",
        "training/event_metrics.py",
        "max(COLLAR, END_SHARE * (end - start))",
        "COLLAR",
        "tests/training/test_event_metrics.py end_of_a_long_event",
    ),
    Mutant(
        "the second frame of an embedding has the features of the first",
        "models/embeddings.py",
        "constant_values=fill)[:, first:]",
        "constant_values=fill)",
        "tests/cli/test_backbone.py hold_the_features_around",
    ),
)
