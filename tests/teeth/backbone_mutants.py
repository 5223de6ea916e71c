"""The breaks of pretrained backbones and their heads."""

from front_end_mutants import Mutant

BACKBONES = (
    Mutant(
        "zeros after a short clip that is to be repeated",
        "layers/patches.py",
        "source = ops.where(ends < self.length, position % ends, position)",
        "source = position",
        "tests/layers/test_patches.py repeated",
    ),
    Mutant(
        "a patch of an odd number of frames with one more",
        "layers/patches.py",
        "values = self.network(patches[:, : self.network.input_shape[1]])",
        "values = self.network(patches)",
        "tests/layers/test_patches.py by_hand",
    ),
    Mutant(
        "one of several backbones in place of the others",
        "models/pretrained.py",
        'return part if part == _SUMMARY else f"{part} of {name}"',
        "return part",
        "tests/cli/test_backbone.py several_backbones",
    ),
    Mutant(
        "weights of a backbone from any file",
        "backbones.py",
        "if _digest(found) != self.digest:",
        "if False:",
        "tests/cli/test_backbone.py other_weights",
    ),
    Mutant(
        "heads chosen by folds that cross groups",
        "training/regression.py",
        "for each in (clips, [clip._replace(group=None) for clip in clips]):",
        "for each in ([clip._replace(group=None) for clip in clips],):",
        "tests/training/test_regression.py groups_apart",
    ),
)
