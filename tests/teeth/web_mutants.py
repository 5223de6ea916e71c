"""Breaks of what the JavaScript package is given."""

from front_end_mutants import Mutant

WEB = (
    Mutant(
        "a derivative of the next order in JavaScript",
        "web/frontend.py",
        "range(1, rule.order + 1)",
        "range(2, rule.order + 2)",
        "tests/web/test_engine.py presets_have_the_bits",
    ),
    Mutant(
        "several channels in JavaScript without the offset of their samples",
        "web/definition.py",
        '"offset": definition.offset',
        '"offset": 0',
        "tests/web/test_engine.py presets_have_the_bits",
    ),
    Mutant(
        "intensities in JavaScript without their epsilon",
        "web/spatial.py",
        '"epsilon": feature.epsilon',
        '"epsilon": 0',
        "tests/web/test_engine.py presets_have_the_bits",
    ),
    Mutant(
        "no least signal after the noise reduction in JavaScript",
        "web/micro.py",
        '"remaining": constants.remaining',
        '"remaining": 0',
        "tests/web/test_engine.py other_definitions",
    ),
)
