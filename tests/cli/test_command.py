"""Errors of the command line itself: wrong options, wrong values."""

import pytest


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["check", "yamnet", "--sr", "8000"], "No such option: --sr; write --sample-rate"),
        (
            ["extract", "x.wav", "--n-mels", "64"],
            "--n-mels; bands.num_mel_bins is part of the front end: sonogram",
        ),
        (
            ["extract", "x.wav", "--hop_length=128"],
            "--hop_length; frame_step is part of the front end: sonogram",
        ),
        (["extract", "x.wav", "--jobz=2"], "No such option: --jobz (Possible options: --jobs)"),
        (["info", "x.wav", "--n-fft", "512"], "No such option: --n-fft"),
        (
            ["extract", "x", "-o", "y", "--preset", "yamnet", "--format", "h5"],
            "'h5' is not one of 'npy', 'tfrecord'",
        ),
        (
            ["train", "x", "-o", "y.keras", "--epochs", "many"],
            "'--epochs': must be a valid integer; got 'many'",
        ),
        (["train", "x", "-o", "y.keras", "--epochs", "0"], "must be greater than or equal to 1; got '0'"),
        (["check", "yamnet", "--duration", "x"], "'--duration': must be a valid number; got 'x'"),
        (["check"], "Missing argument"),
    ],
)
def test_wrong_usage_says_what_is_right(run, arguments, message):
    ran = run(*arguments)
    assert ran.code == 2
    assert message in ran.err
    assert "Value error" not in ran.err
    assert "Input should" not in ran.err
