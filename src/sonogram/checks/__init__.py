"""What is wrong with a definition, said before it costs a training: each finding with its remedy."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from sonogram.checks import bands, clips, cost, framing, levels
from sonogram.checks.case import SEVERITIES, Case, Finding
from sonogram.config import require
from sonogram.frontend import Frontend

__all__ = ["RULES", "SEVERITIES", "Finding", "check"]

RULES: tuple[Callable[[Case], Iterator[Finding]], ...] = (
    *framing.RULES,
    *bands.RULES,
    *levels.RULES,
    *clips.RULES,
    *cost.RULES,
)


def check(
    frontend: Frontend, sample_rate: float | None = None, duration: float | None = None
) -> tuple[Finding, ...]:
    """Look for mistakes in a definition, and for what its user should know.

    Args:
        frontend: The definition.
        sample_rate: Of the recordings it will read, hertz; None is the rate it is made for.
        duration: Of one clip, seconds; None leaves out what depends on it.

    Returns:
        The findings: errors first, then warnings, then notes.

    Raises:
        DefinitionError: The rate or the duration is not above 0.

    Example:
        >>> from sonogram import Frontend, Mel
        >>> frontend = sg.Frontend(16000, 400, 480, bands=sg.bands.Mel(128))
        >>> [finding.code for finding in check(frontend) if finding.severity == "warning"]
        ['skipped-samples', 'empty-bands']
    """
    for name, value in (("sample_rate", sample_rate), ("duration", duration)):
        require(value is None or value > 0, f"{name} must be above 0, or None; got {value}")
    case = Case(frontend, sample_rate, duration)
    found = [finding for rule in RULES for finding in rule(case)]
    return tuple(sorted(found, key=lambda finding: SEVERITIES.index(finding.severity)))
