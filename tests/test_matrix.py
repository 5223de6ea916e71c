"""Arrays inside definitions: equal by content, read-only."""

import copy

import numpy as np
import pytest

import sonogram as sg


def test_equal_contents_are_equal() -> None:
    one, other = sg.Matrix([[1, 2], [3, 4]]), sg.Matrix(np.array([[1, 2], [3, 4]], np.float32))
    assert one == other
    assert hash(one) == hash(other)
    assert one == sg.Matrix(np.asfortranarray([[1.0, 2], [3, 4]]))
    assert sg.Matrix([0.0]) == sg.Matrix([-0.0])


def test_other_contents_or_shapes_are_not() -> None:
    one = sg.Matrix([[1, 2], [3, 4]])
    assert one != sg.Matrix([[1, 2], [3, 5]])
    assert one != sg.Matrix([1, 2, 3, 4])
    assert one != sg.Matrix([[1, 3], [2, 4]])
    assert one != [[1, 2], [3, 4]]


def test_it_is_read_only_and_its_source_is_copied() -> None:
    source = np.ones(3)
    matrix = sg.Matrix(source)
    source[0] = 7
    assert matrix == sg.Matrix([1, 1, 1])
    with pytest.raises(ValueError, match="read-only"):
        matrix.values[0] = 2
    with pytest.raises(AttributeError, match="make a new one"):
        matrix.values = source  # type: ignore[misc]
    with pytest.raises(AttributeError, match="make a new one"):
        del matrix.values


def test_it_copies_travels_and_is_an_array() -> None:
    matrix = sg.Matrix([[0.1, 0.2]])
    assert copy.deepcopy(matrix) == matrix
    assert matrix.shape == (1, 2)
    np.testing.assert_array_equal(np.asarray(matrix, np.float32), np.float32([[0.1, 0.2]]))
    assert repr(matrix).startswith("Matrix(1x2, ")


def test_it_is_an_array_of_numpy_1(monkeypatch: pytest.MonkeyPatch) -> None:
    """NumPy 1 raises `ValueError` where `copy` is None, which NumPy 2 passes on."""
    make = np.array

    def make_with_numpy_1(*arguments: object, **options: object) -> np.ndarray:
        assert options.get("copy", True) is not None
        return make(*arguments, **options)

    matrix = sg.Matrix([1, 2])
    monkeypatch.setattr(np, "array", make_with_numpy_1)
    assert np.asarray(matrix).tolist() == [1, 2]


@pytest.mark.parametrize(
    ("values", "message"),
    [([1, np.nan], "NaN or infinity"), ([np.inf], "NaN or infinity"), (["a"], "real numbers")],
)
def test_it_holds_finite_numbers(values: list, message: str) -> None:
    with pytest.raises(sg.DefinitionError, match=message):
        sg.Matrix(values)
