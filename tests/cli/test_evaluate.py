"""sonogram evaluate: what is refused before the work; judging itself is in test_train.py."""

import pytest


@pytest.mark.parametrize(
    ("picture", "message"),
    [
        ("x.jpg", "a picture is written as PNG, SVG or PDF; name it x.png"),
        ("nowhere/x.png", "no folder nowhere"),
    ],
)
def test_a_picture_that_cannot_be_is_refused_before_the_work(run, picture, message):
    # Neither the model nor the recordings are there: nothing was looked at before.
    ran = run("evaluate", "missing.keras", "missing", "--picture", picture)
    assert ran.code == 2
    assert message in " ".join(ran.err.split())
    assert ran.out == ""
