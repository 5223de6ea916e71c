"""Files: sound files in folders, manifests, labels, atomic writes, locks, parallel map. It opens no sound."""

from sonogram.files.archives import check_archive, max_unpacked
from sonogram.files.atomic import atomic_file, atomic_path, remove_unfinished, write_text
from sonogram.files.disk import cannot_write, disk_remedy, is_disk_full, named_errors
from sonogram.files.inputs import Input, find_each, find_inputs
from sonogram.files.journal import ResultJournal
from sonogram.files.labels import (
    Label,
    LabelFile,
    find_labels,
    label_files,
    labels_of,
    read_label_file,
    read_labels,
)
from sonogram.files.lock import lock_file, lock_folder
from sonogram.files.manifest import ManifestRow, manifest_columns, read_manifest
from sonogram.files.parallel import map_files
from sonogram.files.sounds import SOUND_ENDINGS, no_sounds, sound_files
from sonogram.files.texts import read_text

__all__ = [
    "SOUND_ENDINGS",
    "Input",
    "Label",
    "LabelFile",
    "ManifestRow",
    "ResultJournal",
    "atomic_file",
    "atomic_path",
    "cannot_write",
    "check_archive",
    "disk_remedy",
    "find_each",
    "find_inputs",
    "find_labels",
    "is_disk_full",
    "label_files",
    "labels_of",
    "lock_file",
    "lock_folder",
    "manifest_columns",
    "map_files",
    "max_unpacked",
    "named_errors",
    "no_sounds",
    "read_label_file",
    "read_labels",
    "read_manifest",
    "read_text",
    "remove_unfinished",
    "sound_files",
    "write_text",
]
