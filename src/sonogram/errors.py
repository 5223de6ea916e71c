"""What goes wrong for a user's reason: one line each, shown without a traceback by the command line."""

__all__ = ["AudioError", "DefinitionError", "SonogramError"]


class SonogramError(ValueError):
    """Base of every error that the input, not the program, is to blame for."""


class AudioError(SonogramError):
    """A sound could not be read or written: the message names the file and the reason."""


class DefinitionError(SonogramError):
    """A definition cannot be what it says: the message names the field and the mend."""
