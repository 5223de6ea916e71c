"""One program at a time in a folder, also after one was killed."""

import errno
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from sonogram.errors import SonogramError
from sonogram.files import lock_folder

HOLD = """
import sys, time
from pathlib import Path
from sonogram.files import lock_folder
with lock_folder(Path(sys.argv[1]), "extraction"):
    print("locked", flush=True)
    time.sleep(60)
"""


def test_the_lock_keeps_others_out_and_ends_with_the_block(tmp_path: Path) -> None:
    for _ in range(2):
        with (
            lock_folder(tmp_path / "new", "extraction"),
            pytest.raises(SonogramError, match="another extraction runs in this folder; wait"),
        ):
            lock_folder(tmp_path / "new", "extraction").__enter__()


def test_the_lock_ends_with_a_killed_process(tmp_path: Path) -> None:
    holder = subprocess.Popen([sys.executable, "-c", HOLD, str(tmp_path)], stdout=subprocess.PIPE)
    assert holder.stdout is not None
    assert holder.stdout.readline() == b"locked\n"
    with pytest.raises(SonogramError, match="another extraction"):
        lock_folder(tmp_path, "extraction").__enter__()
    holder.send_signal(signal.SIGKILL)
    holder.communicate()
    with lock_folder(tmp_path, "extraction"):
        pass


@pytest.mark.skipif(sys.platform == "win32", reason="flock is of Unix")
@pytest.mark.parametrize("number", [errno.ENOSYS, errno.ENOLCK, errno.EOPNOTSUPP])
def test_a_file_system_without_locks_warns(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    import fcntl

    def refuse(*_: object) -> None:
        raise OSError(number, "no locks available")

    monkeypatch.setattr(fcntl, "flock", refuse)
    with pytest.warns(UserWarning, match="cannot be locked"), lock_folder(tmp_path, "extraction"):
        pass
