"""Folders and manifests of sounds to training batches.

A data set is plain data first: `clips` lists it, `split` and `folds` divide it, `checked` tries its
files. `batches` makes a `tf.data.Dataset` of it, and only that loads TensorFlow. `fitted` measures it
for the normalization of a front end. `features` finds what an extraction wrote.
"""

from sonogram.dataset.batching import batches
from sonogram.dataset.check import checked
from sonogram.dataset.clips import Clip, Clips
from sonogram.dataset.cuts import Fixed, Ragged, Whole, Windows
from sonogram.dataset.fitting import Statistics, fitted, statistics
from sonogram.dataset.known import background_noise, esc50, gtzan, speech_commands
from sonogram.dataset.report import Broken, Report
from sonogram.dataset.source import clips
from sonogram.dataset.splitting import Split, folds, left_out, split
from sonogram.dataset.stored import Features, features

__all__ = [
    "Broken",
    "Clip",
    "Clips",
    "Features",
    "Fixed",
    "Ragged",
    "Report",
    "Split",
    "Statistics",
    "Whole",
    "Windows",
    "background_noise",
    "batches",
    "checked",
    "clips",
    "esc50",
    "features",
    "fitted",
    "folds",
    "gtzan",
    "left_out",
    "speech_commands",
    "split",
    "statistics",
]
