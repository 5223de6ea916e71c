"""Text for people: durations, and other libraries' errors in one line."""

from __future__ import annotations

__all__ = ["amount_of_audio", "clock", "first_line", "numbered"]


def amount_of_audio(seconds: float) -> str:
    """Return an amount of audio in the unit that suits it.

    Example:
        >>> amount_of_audio(4.2), amount_of_audio(90), amount_of_audio(5400)
        ('4.2 s of audio', '1.5 min of audio', '1.50 h of audio')
    """
    if seconds < 60:
        return f"{seconds:.1f} s of audio"
    return f"{seconds / 60:.1f} min of audio" if seconds < 3600 else f"{seconds / 3600:.2f} h of audio"


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


def numbered(count: int, noun: str) -> str:
    """Return a count with its noun.

    Example:
        >>> numbered(1, "epoch"), numbered(2, "epoch")
        ('1 epoch', '2 epochs')
    """
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
