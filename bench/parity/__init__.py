"""Every preset beside the original it stands for, run live: the figures of docs/parity.md."""
