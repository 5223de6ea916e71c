"""Extraction: the features of many files to disk, resumable, on any executor."""

from sonogram.extraction.cluster import dask_executor
from sonogram.extraction.run import ExtractionReport, Progress, extract
from sonogram.extraction.settings import ExtractionSettings

__all__ = ["ExtractionReport", "ExtractionSettings", "Progress", "dask_executor", "extract"]
