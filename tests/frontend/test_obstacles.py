"""Why a definition cannot serve a purpose: named once, with what to change."""

import dataclasses

import pytest

import sonogram as sg

BASE = sg.Frontend(8000, 64, 16)
MEL = dataclasses.replace(BASE, bands=sg.bands.Mel(8), scaling=sg.scaling.Log(floor=1e-6))


def conditioned(**changes: object) -> sg.Frontend:
    return dataclasses.replace(BASE, conditioning=sg.conditioning.Conditioning(**changes))


@pytest.mark.parametrize(
    ("purpose", "frontend", "codes"),
    [
        ("stream", BASE, []),
        ("stream", dataclasses.replace(BASE, padding=sg.padding.Same()), ["length-padding"]),
        ("stream", conditioned(remove_mean="clip"), ["clip-mean"]),
        (
            "stream",
            conditioned(preemphasis=sg.conditioning.Preemphasis(0.97, "clip", "wrap")),
            ["reflected-preemphasis"],
        ),
        ("stream", conditioned(remove_mean="frame"), []),
        ("stream", dataclasses.replace(BASE, scaling=sg.scaling.Decibels(reference="peak")), ["peak-floor"]),
        ("stream", dataclasses.replace(BASE, normalize=sg.normalize.MinMax()), ["clip-statistics"]),
        ("stream", dataclasses.replace(BASE, normalize=sg.normalize.Affine(1, 2)), []),
        ("invert", MEL, []),
        ("invert", conditioned(remove_mean="clip"), ["removed-mean"]),
        ("invert", conditioned(preemphasis=sg.conditioning.Preemphasis()), ["frame-preemphasis"]),
        (
            "invert",
            conditioned(preemphasis=sg.conditioning.Preemphasis(scope="clip", boundary="drop")),
            ["dropped-sample"],
        ),
        ("magnitudes", MEL, []),
        ("magnitudes", dataclasses.replace(MEL, scaling=sg.scaling.Pcen()), ["adaptive-level"]),
        ("magnitudes", dataclasses.replace(MEL, cepstrum=sg.cepstrum.Cepstrum(8)), []),
        ("magnitudes", dataclasses.replace(MEL, cepstrum=sg.cepstrum.Cepstrum(8, lifter=2)), ["lifter"]),
        (
            "magnitudes",
            dataclasses.replace(
                MEL, cepstrum=sg.cepstrum.Cepstrum(4, energy="replace"), normalize=sg.normalize.Standardize()
            ),
            ["clip-statistics", "energy", "truncated-cepstrum"],
        ),
    ],
)
def test_obstacles_are_named(purpose: str, frontend: sg.Frontend, codes: list[str]) -> None:
    obstacles = frontend.obstacles(purpose)
    assert [obstacle.code for obstacle in obstacles] == codes
    assert all(obstacle.reason and obstacle.remedy for obstacle in obstacles)


def test_an_unknown_purpose_is_refused() -> None:
    with pytest.raises(sg.SonogramError, match="'stream', 'invert', 'magnitudes', 'c'; got 'export'"):
        BASE.obstacles("export")


def test_decibels_of_a_unit() -> None:
    def of(**changes: object) -> float | None:
        return dataclasses.replace(MEL, **changes).decibels_per_unit

    assert of(scaling=sg.scaling.Decibels()) == 1
    assert of(scaling=sg.scaling.Log(base=10, floor=1e-6)) == pytest.approx(20)
    assert of(scaling=sg.scaling.Log(floor=1e-6), spectrum=sg.spectrum.Power()) == pytest.approx(4.342945)
    assert of(scaling=None) is None
    assert of(scaling=sg.scaling.Pcen()) is None
    assert of(normalize=sg.normalize.Affine(0, 2)) is None
