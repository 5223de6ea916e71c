"""The originals, grouped as the presets are."""

from __future__ import annotations

from parity.originals import events, kaldi, libraries, music, speech, voice

__all__ = ["events", "kaldi", "libraries", "music", "speech", "voice"]
