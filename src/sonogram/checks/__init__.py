"""Checks of a definition, before a training run is spent on it: each finding with its remedy."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from numbers import Real

from sonogram.checks import bands, clips, cost, framing, levels
from sonogram.checks.case import SEVERITIES, Case, Finding, Published
from sonogram.checks.several import check_micro, merge_findings
from sonogram.config import require
from sonogram.definition import Definition
from sonogram.transform import Fourier

__all__ = ["RULES", "SEVERITIES", "Finding", "Published", "check", "check_micro", "merge_findings"]

RULES: tuple[Callable[[Case], Iterator[Finding]], ...] = (
    *framing.RULES,
    *bands.RULES,
    *levels.RULES,
    *clips.RULES,
    *cost.RULES,
)
_WITHOUT_FOURIER = (
    framing.rate,
    framing.steps,
    framing.few_frames,
    framing.lost_end,
    *levels.RULES,
    *clips.RULES,
    cost.exports,
)


def check(
    definition: Definition,
    sample_rate: float | None = None,
    duration: float | None = None,
    published: Published | None = None,
) -> tuple[Finding, ...]:
    """Return likely mistakes in a definition, and what its user should know.

    The findings depend on the arguments alone.

    Args:
        definition: Definition to check.
        sample_rate: Sample rate of the recordings, hertz; None is that of the definition.
        duration: Length of one clip, seconds; None leaves out what depends on it.
        published: Preset of this definition, for the rules about its models; None leaves them out.

    Returns:
        Findings (code, severity, message, remedy): errors first, then warnings, then notes.

    Raises:
        DefinitionError: The rate or the duration is not above 0.

    Example:
        >>> findings = sg.checks.check(sg.Frontend(16000, 400, 480))
        >>> findings[0].code, findings[0].remedy
        ('skipped-samples', 'frame_step=200 (half a frame), or 400 at most')

    See Also:
        Frontend.check: the same as a method.
        presets.Preset.check: with the rules about the models of a preset.
    """
    for name, value in (("sample_rate", sample_rate), ("duration", duration)):
        require(
            value is None or (isinstance(value, Real) and value > 0),
            f"{name} must be a number above 0, or None; got {value!r}",
        )
    case = Case(definition, sample_rate, duration, published)
    rules = RULES if isinstance(definition.transform, Fourier) else _WITHOUT_FOURIER
    found = [finding for rule in rules for finding in rule(case)]
    return tuple(sorted(found, key=lambda finding: SEVERITIES.index(finding.severity)))
