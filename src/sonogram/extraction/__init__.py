"""Extraction: the features of many files to disk, resumable, on any executor."""

from sonogram.extraction.cluster import dask_executor
from sonogram.extraction.run import Progress, Report, extract
from sonogram.extraction.settings import Settings

__all__ = ["Progress", "Report", "Settings", "dask_executor", "extract"]
