"""Data sets of sounds: folders and manifests in, training batches out.

A data set is plain data first: `clips` lists it, `split` and `folds` divide it, `check_files` checks it.
`batches` makes a `tf.data.Dataset` of it; only that loads TensorFlow. `fit_normalization` adds the mean and
standard deviation of a data set to a front end. `features` finds what an extraction wrote.
"""

from sonogram.dataset.batching import batches
from sonogram.dataset.checking import check_files
from sonogram.dataset.clips import Clip, Clips, Span
from sonogram.dataset.cuts import Fixed, Ragged, Whole, Windows
from sonogram.dataset.features import Features, features
from sonogram.dataset.loading import LoadedClips, label_names, label_targets, load_clips
from sonogram.dataset.mixing import Scenes, mix
from sonogram.dataset.published import background_noise, esc50, gtzan, speech_commands
from sonogram.dataset.report import BrokenFile, DatasetReport
from sonogram.dataset.source import Data, clips
from sonogram.dataset.splitting import Split, folds, leave_one_out, split
from sonogram.dataset.statistics import Statistics, fit_normalization, statistics
from sonogram.dataset.transcribed import common_voice, librispeech

__all__ = [
    "BrokenFile",
    "Clip",
    "Clips",
    "Data",
    "DatasetReport",
    "Features",
    "Fixed",
    "LoadedClips",
    "Ragged",
    "Scenes",
    "Span",
    "Split",
    "Statistics",
    "Whole",
    "Windows",
    "background_noise",
    "batches",
    "check_files",
    "clips",
    "common_voice",
    "esc50",
    "features",
    "fit_normalization",
    "folds",
    "gtzan",
    "label_names",
    "label_targets",
    "leave_one_out",
    "librispeech",
    "load_clips",
    "mix",
    "speech_commands",
    "split",
    "statistics",
]
