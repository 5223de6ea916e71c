"""Comparison of every preset with its original: the errors in docs/parity.md."""
