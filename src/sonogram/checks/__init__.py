"""Checks of a definition, before a training run is spent on it: each finding with its remedy."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from sonogram.checks import bands, clips, cost, framing, levels
from sonogram.checks.case import PUBLISHED, SEVERITIES, Case, Finding
from sonogram.config import require
from sonogram.definition import Definition

__all__ = ["PUBLISHED", "RULES", "SEVERITIES", "Finding", "check"]

RULES: tuple[Callable[[Case], Iterator[Finding]], ...] = (
    *framing.RULES,
    *bands.RULES,
    *levels.RULES,
    *clips.RULES,
    *cost.RULES,
)


def check(
    definition: Definition, sample_rate: float | None = None, duration: float | None = None
) -> tuple[Finding, ...]:
    """Return likely mistakes in a definition, and what its user should know; see `Frontend.check`."""
    for name, value in (("sample_rate", sample_rate), ("duration", duration)):
        require(value is None or value > 0, f"{name} must be above 0, or None; got {value}")
    case = Case(definition, sample_rate, duration)
    found = [finding for rule in RULES for finding in rule(case)]
    return tuple(sorted(found, key=lambda finding: SEVERITIES.index(finding.severity)))
