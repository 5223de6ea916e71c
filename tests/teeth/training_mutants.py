"""Breaks of training."""

from front_end_mutants import Mutant

TRAINING = (
    Mutant(
        "a pooled frame loses its maximum over the frames",
        "models/blocks.py",
        'return pool(keras.layers.Activation("relu")(x), valid, frames, bands=1)',
        'return keras.layers.Activation("relu")(x)[:, ::frames], pool_mask(valid, frames)',
        "tests/models/test_parts.py before_the_normalization",
    ),
    Mutant(
        "the first step of a training is traced twice",
        "training/fit.py",
        "network.compute_metrics(None, logits, logits)",
        "pass",
        "tests/training/test_fit.py traced_once",
    ),
    Mutant(
        "32 kHz for speech",
        "training/auto.py",
        'if center != "clip" or _median_sample_rate(paths)',
        "if _median_sample_rate(paths)",
        "tests/training/test_auto.py no_high_rate",
    ),
    Mutant(
        "validation clips in the training set",
        "training/partition.py",
        "clips.where(lambda clip: clip.path not in excluded)",
        "clips",
        "tests/training/test_partition.py never_what_is_judged_on",
    ),
    Mutant(
        "resume with a new optimizer state",
        "training/epoch_loop.py",
        '_assign(network.optimizer.variables, groups["optimizer"])',
        'groups["optimizer"]',
        "tests/training/test_state.py part_of_a_state_must_fit",
    ),
    Mutant(
        "two trainings in one folder",
        "training/folder.py",
        'with lock_folder(folder, "training"):',
        "if True:",
        "tests/training/test_failures.py one_training",
    ),
    Mutant(
        "digests of clips without their samples",
        "training/digests.py",
        "hashlib.blake2b(content,",
        "hashlib.blake2b(content[-2:],",
        "tests/training/test_failures.py known_by",
    ),
    Mutant(
        "guessing without the smoothing of labels",
        "training/guessing.py",
        "smoothing, choices = settings.label_smoothing,",
        "smoothing, choices = 0.0,",
        "tests/training/test_failures.py frequencies_of",
    ),
    Mutant(
        "the response of a microphone has other frequencies",
        "training/variation.py",
        "np.interp(np.linspace(0, sample_rate / 2, bins)",
        "np.interp(np.linspace(0, sample_rate, bins)",
        "tests/training/test_variation.py any_number_of_bins",
    ),
    Mutant(
        "more augmented versions than epochs",
        "training/augmentation.py",
        "min(settings.versions, settings.num_epochs(len(loaded)))",
        "settings.versions",
        "tests/cli/test_train.py trained_and_judged",
    ),
)
