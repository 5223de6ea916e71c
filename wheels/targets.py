"""The platforms that get a wheel, and how a program of each runs on Linux x86-64."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Target:
    """One platform.

    Attributes:
        triple: Platform in the words of zig; after Linux the oldest glibc, after macOS the oldest system.
        system: `CMAKE_SYSTEM_NAME`.
        tags: Platform tags of the wheel, as packaging.python.org lists them.
        needs: Libraries of the system that the library may need, and no others.
        runner: Program that runs a program of this platform here: empty where none is needed, None where
            there is none.
        package: Debian package of the runner.
        libraries: Debian packages of another processor whose libraries the program needs.
    """

    triple: str
    system: str
    tags: str
    needs: frozenset[str]
    runner: str | None = None
    package: str = ""
    libraries: str = ""

    @property
    def processor(self) -> str:
        """First part of the triple, also `CMAKE_SYSTEM_PROCESSOR`."""
        return self.triple.partition("-")[0]

    @property
    def library(self) -> str:
        """File name of the library."""
        suffix = {"Linux": "so", "Darwin": "dylib", "Windows": "dll"}[self.system]
        return f"libsonogram_native.{suffix}"


_GLIBC = frozenset(
    {
        "libc.so.6",
        "libm.so.6",
        "libpthread.so.0",
        "libdl.so.2",
        "ld-linux-x86-64.so.2",
        "ld-linux-aarch64.so.1",
    }
)
_MUSL = frozenset({"libc.so"})
_MACOS = frozenset({"/usr/lib/libSystem.B.dylib", "/usr/lib/libc++.1.dylib"})
# The Universal C Runtime is part of Windows 10, and Python needs it too.
_WINDOWS = frozenset({"kernel32.dll", "ntdll.dll", "ucrtbase.dll"})

_QEMU = ("qemu-aarch64", "qemu-user")

TARGETS = (
    Target("x86_64-linux-gnu.2.17", "Linux", "manylinux_2_17_x86_64.manylinux2014_x86_64", _GLIBC, ""),
    Target(
        "aarch64-linux-gnu.2.17",
        "Linux",
        "manylinux_2_17_aarch64.manylinux2014_aarch64",
        _GLIBC,
        *_QEMU,
        "libc6",
    ),
    Target("x86_64-linux-musl", "Linux", "musllinux_1_2_x86_64", _MUSL, "/lib/ld-musl-x86_64.so.1", "musl"),
    Target("aarch64-linux-musl", "Linux", "musllinux_1_2_aarch64", _MUSL, *_QEMU, "musl"),
    Target("x86_64-macos.11.0", "Darwin", "macosx_11_0_x86_64", _MACOS),
    Target("aarch64-macos.11.0", "Darwin", "macosx_11_0_arm64", _MACOS),
    Target("x86_64-windows-gnu", "Windows", "win_amd64", _WINDOWS, "wine", "wine"),
)
