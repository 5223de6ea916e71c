"""Each normalization, for the tests that go over all of them."""

import sonogram as sg

NORMALIZATIONS = (
    None,
    sg.normalize.Affine(-4, 2),
    sg.normalize.Standardize(),
    sg.normalize.Standardize("band", 1, 1e-5),
    sg.normalize.MinMax(),
    sg.normalize.RemoveMean(),
    sg.normalize.RunningMean(initial="first"),
    sg.normalize.SlidingMean(5, 2),
    sg.normalize.UnitPeak(),
)
