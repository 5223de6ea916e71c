"""Checks of definitions that are no single front end in floating point: several as one, or integers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from sonogram.checks import clips, framing
from sonogram.checks.case import SEVERITIES, Case, Finding, Published
from sonogram.definition import Definition
from sonogram.micro import MicroFrontend

__all__ = ["check_micro", "merge_findings"]


def merge_findings(parts: Sequence[Sequence[Finding]]) -> tuple[Finding, ...]:
    """Return the findings of all parts, each once: those that are not of all parts name theirs.

    Args:
        parts: Findings of each part.
    """
    found = dict.fromkeys(
        finding
        if all(finding in part for part in parts)
        else finding._replace(message=f"{name}{finding.message}")
        for name, part in ((f"part {number}: ", part) for number, part in enumerate(parts, 1))
        for finding in part
    )
    return tuple(sorted(found, key=lambda finding: SEVERITIES.index(finding.severity)))


def check_micro(
    definition: MicroFrontend,
    sample_rate: float | None = None,
    duration: float | None = None,
    published: Published | None = None,
) -> tuple[Finding, ...]:
    """Return likely mistakes in the use of a micro front end; see `check`.

    Args:
        definition: The definition.
        sample_rate: Sample rate of the recordings, hertz; None is that of the definition.
        duration: Length of the clips, seconds; None if unknown.
        published: The published front end that the definition is, if any.
    """
    # These rules read only the fields that it shares with other definitions.
    case = Case(cast(Definition, cast(Any, definition)), sample_rate, duration, published)
    rules = (framing.rate, framing.few_frames, clips.length)
    found = [finding for rule in rules for finding in rule(case)]
    return tuple(sorted(found, key=lambda finding: SEVERITIES.index(finding.severity)))
