r"""Labels of recordings: Audacity label tracks, Raven selection tables, and CSV tables.

Lines that were not changed are written back byte for byte, and columns of other programs stay.
"""

from sonogram.files.labels.document import (
    LabelFile,
    find_labels,
    label_files,
    read_label_file,
    read_labels,
)
from sonogram.files.labels.label import Label, labels_of

__all__ = ["Label", "LabelFile", "find_labels", "label_files", "labels_of", "read_label_file", "read_labels"]
