"""Unpack Debian packages of another processor into a folder, without any change of this system."""

import os
import shutil
import subprocess
from pathlib import Path

ARCHITECTURES = {"aarch64": "arm64"}


class UnavailableError(Exception):
    """The packages cannot be had here; the message is the reason."""


def unpack(processor: str, packages: str, root: Path) -> Path:
    """Unpack packages and what they depend on into `root`, and return it.

    Args:
        processor: Name of the processor in the words of zig.
        packages: Names of the packages, separated by spaces.
        root: Folder that becomes the root of the other system.

    Raises:
        UnavailableError: apt is missing or has no packages for the processor.
    """
    if not shutil.which("apt-get"):
        raise UnavailableError("not run: the libraries of another processor come from apt-get of Debian")
    state = root.with_name(f"{root.name}-apt")
    for name in ("state/lists/partial", "cache/archives/partial"):
        (state / name).mkdir(parents=True)
    (state / "state" / "status").touch()
    options = {
        "APT::Architecture": ARCHITECTURES[processor],
        "APT::Architectures": ARCHITECTURES[processor],
        "APT::Sandbox::User": "",
        "Dir::State": state / "state",
        "Dir::State::status": state / "state" / "status",
        "Dir::Cache": state / "cache",
        "Debug::NoLocking": "true",
    }
    apt = ["apt-get", "-qq", *(f"-o{name}={value}" for name, value in options.items())]
    install = ["install", "--yes", "--no-install-recommends", "--download-only", *packages.split()]
    for command in (["update"], install):
        done = subprocess.run([*apt, *command], capture_output=True, text=True, check=False)
        if done.returncode:
            last = (done.stderr.strip() or done.stdout.strip()).rpartition("\n")[2]
            raise UnavailableError(f"not run: apt-get has no {packages} for {processor}: {last}")
    for archive in sorted((state / "cache" / "archives").glob("*.deb")):
        subprocess.run(["dpkg-deb", "-x", archive, root], check=True)
    return root


def emulator(processor: str) -> str | None:
    """Return qemu's program for a processor, dynamic or static."""
    names = (f"qemu-{processor}", f"qemu-{processor}-static")
    return next((found for name in names if (found := shutil.which(name))), None)


def python(processor: str, root: Path) -> Path:
    """Return a program that runs the Python in `root` under qemu, also as `sys.executable` of a subprocess.

    Linux starts programs of another processor only where an emulator is registered for them. A script needs
    no registration: Python takes the name of the script for its own.
    """
    script = root / "python"
    home = root / "usr"
    command = f'exec {emulator(processor)} -L {root} -0 "$0" {(home / "bin" / "python3").resolve()} "$@"'
    script.write_text(f"#!/bin/sh\nexport PYTHONHOME={home}\n{command}\n", encoding="utf-8")
    os.chmod(script, 0o755)
    return script
