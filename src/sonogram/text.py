"""Text for people: durations, and other libraries' errors in one line."""

from __future__ import annotations

__all__ = ["clock", "first_line"]


def clock(seconds: float, digits: int = 0, *, hours: bool | None = None) -> str:
    """Return a duration as `m:ss` or `h:mm:ss`.

    Args:
        seconds: The duration.
        digits: Decimals of the seconds.
        hours: Whether to write hours. None writes them from one hour on.

    Example:
        >>> clock(83.5, 1), clock(3600), clock(59, hours=True)
        ('1:23.5', '1:00:00', '0:00:59')
    """
    whole, fraction = divmod(round(seconds * 10**digits), 10**digits)
    minutes, rest = divmod(whole, 60)
    text = f"{rest:02d}.{fraction:0{digits}d}" if digits else f"{rest:02d}"
    if hours or (hours is None and minutes >= 60):
        return f"{minutes // 60}:{minutes % 60:02d}:{text}"
    return f"{minutes}:{text}"


def first_line(error: BaseException) -> str:
    r"""Return the first line of an error's message, or its type where it has none.

    Where the first line ends in a colon, the second one is added.

    Example:
        >>> first_line(ValueError("cannot load:\n  no such layer\n  at line 7"))
        'cannot load: no such layer'
    """
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    if not lines:
        return type(error).__name__
    return " ".join(lines[:2]) if lines[0].endswith(":") else lines[0]
