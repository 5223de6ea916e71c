"""Forks while other threads are in the native library: the child finds it ready."""

import os
import platform
import subprocess
import sys

import pytest
from engine_names import why_not_native

pytestmark = [
    pytest.mark.skipif(bool(why_not_native()), reason=why_not_native() or "it is here"),
    pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork"),
]

FORKED = """
import os, signal, sys, threading
import numpy as np
from sonogram import audio as sound
from sonogram.audio.native import available, silent_c_stderr

sounds = [open(path, "rb").read() for path in sys.argv[1:]]
want = [sound.load(content).samples for content in sounds]

def decode():
    while True:
        for content in sounds:
            sound.load(content)

def design():
    while True:
        for rate in range(40_001, 40_101):
            sound.Resampler(44_100, rate)

for work in (decode, decode, design, design):
    threading.Thread(target=work, daemon=True).start()
for number in range(20):
    child = os.fork()
    if child == 0:
        signal.alarm(60)  # ends one that waits for ever
        with silent_c_stderr():
            same = [np.array_equal(sound.load(content).samples, each) for content, each in zip(sounds, want)]
        sound.Resampler(44_100, 12_345 + number)
        os._exit(0 if all(same) else 1)
    assert os.waitpid(child, 0)[1] == 0, f"child {number}"
print("all came back", flush=True)
os._exit(0)
"""

SILENT = """
import ctypes, os, threading
from sonogram import audio as sound
from sonogram.audio.native import available, silent_c_stderr

assert available()
stderr = ctypes.c_void_p.in_dll(ctypes.CDLL(None), "stderr")
before = stderr.value
entered, left = threading.Event(), threading.Event()

def silent():
    with silent_c_stderr():
        entered.set()
        left.wait()

other = threading.Thread(target=silent)
other.start()
entered.wait()
assert stderr.value != before

def in_child(check):
    child = os.fork()
    if child == 0:
        os._exit(0 if check() else 1)
    return os.waitpid(child, 0)[1] == 0

def own():
    with silent_c_stderr():
        silent = stderr.value != before
    return silent and stderr.value == before

print(in_child(lambda: stderr.value == before), in_child(own))  # the other thread is not in the child
with silent_c_stderr():
    print(in_child(lambda: stderr.value != before), in_child(own))  # this one is
left.set()
other.join()
assert stderr.value == before
"""


def forked(code, *arguments):
    """What a program prints that forks."""
    command = [sys.executable, "-W", "ignore::DeprecationWarning", "-c", code, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_child_forked_while_threads_decode_decodes(stereo, encode, tmp_path):
    paths = []
    for kind, coding in (("FLAC", "PCM_16"), ("OGG", "VORBIS"), ("MP3", "MPEG_LAYER_III")):
        paths.append(tmp_path / kind)
        paths[-1].write_bytes(encode(stereo[:3000], kind, coding))
    assert forked(FORKED, *paths) == "all came back\n"


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="elsewhere nothing is silenced")
def test_a_forked_child_is_as_silent_as_its_own_thread():
    assert forked(SILENT) == "True True\nTrue False\n"
