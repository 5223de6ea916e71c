"""Check what is inside a wheel: its files, and the symbols and libraries of the compiled library."""

import hashlib
import re
import struct
import zipfile
from pathlib import Path

import lief
from targets import Target

MOST_BYTES = 3_000_000
OLDEST_GLIBC = (2, 17)
OLDEST_MACOS = (11, 0)
_CODE_DIRECTORY = 0xFADE0C02
# For macOS zig also exports its own names, and the operators new and delete of the C++ library inside.
OURS = re.compile(r"sonogram_|_Z(d[al]P|n[aw]m)|_?_dso_handle|_mh_dylib_header")
lief.logging.disable()  # it warns of a stripped library of macOS, which lists no functions
NEVER = re.compile(r"\.(cpp|h|o|a|pyc)$|(^|/)(tests|bench|node_modules)/")


def problems(wheel: Path, target: Target) -> list[str]:
    """Return one line for each thing that is wrong."""
    found = []
    if wheel.stat().st_size > MOST_BYTES:
        found.append(f"{wheel.stat().st_size:,} bytes, more than {MOST_BYTES:,}")
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        found += [f"{name} is not for users" for name in names if NEVER.search(name)]
        inside = f"sonogram/native/{target.library}"
        if inside not in names:
            return [*found, f"no {inside}"]
        content = archive.read(inside)
        library = lief.parse(content)
        if "sonogram/__init__.py" not in names or "sonogram/viewer/page/index.html" not in names:
            found.append("the package is not complete")
    foreign = {name for name in _exported(library) if not OURS.match(name)}
    if foreign:
        found.append(f"exports {', '.join(sorted(foreign)[:5])}")
    other = {name for name in _needed(library) if not _allowed(name, target)}
    if other:
        found.append(f"needs {', '.join(sorted(other))}")
    if isinstance(library, lief.ELF.Binary):
        newest = max((_glibc(library)), default=(0,))
        if newest > OLDEST_GLIBC:
            found.append(f"needs glibc {'.'.join(map(str, newest))}")
    if isinstance(library, lief.MachO.Binary):
        oldest = tuple(library.build_version.minos)[:2]
        if oldest > OLDEST_MACOS:
            found.append(f"needs macOS {'.'.join(map(str, oldest))}")
        if target.processor == "aarch64" and not _is_signed(library, content):
            found.append("no valid signature, without which macOS loads no library on arm64")
    return found


def _is_signed(library: "lief.MachO.Binary", content: bytes) -> bool:
    """Whether the signature has the SHA-256 of each page of the library.

    The layout is that of `CS_CodeDirectory` in `cs_blobs.h` of the XNU kernel, in big-endian order. zig signs
    what it links; a program that changes the library afterwards, such as strip, makes the signature invalid.
    """
    if not library.has_code_signature:
        return False
    start = library.code_signature.data_offset
    _, _, count = struct.unpack_from(">3I", content, start)
    for index in range(count):
        _, offset = struct.unpack_from(">2I", content, start + 12 + 8 * index)
        directory = start + offset
        magic, _, _, _, hashes, _, _, pages, limit = struct.unpack_from(">9I", content, directory)
        if magic == _CODE_DIRECTORY:
            size = 1 << content[directory + 39]
            parts = [content[first : min(first + size, limit)] for first in range(0, limit, size)]
            digests = b"".join(hashlib.sha256(part).digest() for part in parts)
            return len(parts) == pages and content[directory + hashes :].startswith(digests)
    return False


def _allowed(name: str, target: Target) -> bool:
    """Whether a library is part of the system. Those of the Universal C Runtime have a common beginning."""
    if target.system == "Windows":  # names there have no case
        return name.lower() in target.needs or name.lower().startswith("api-ms-win-crt-")
    return name in target.needs


def _exported(library: "lief.Binary") -> set[str]:
    if isinstance(library, lief.PE.Binary):
        return {entry.name for entry in library.get_export().entries}
    # Names of C have an underscore in front on macOS.
    prefix = "_" if isinstance(library, lief.MachO.Binary) else ""
    return {symbol.name.removeprefix(prefix) for symbol in library.exported_symbols}


def _needed(library: "lief.Binary") -> set[str]:
    names = (getattr(entry, "name", entry) for entry in library.libraries)
    # A library of macOS begins with its own name.
    return {str(name) for name in names if "libsonogram_native" not in str(name)}


def _glibc(library: "lief.ELF.Binary") -> set[tuple[int, ...]]:
    versions = (
        entry.name
        for requirement in library.symbols_version_requirement
        for entry in requirement.get_auxiliary_symbols()
    )
    return {tuple(map(int, name[6:].split("."))) for name in versions if re.fullmatch(r"GLIBC_[\d.]+", name)}
