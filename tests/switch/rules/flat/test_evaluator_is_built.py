"""The flat evaluator is there wherever it could be built."""

import shutil

from tests.switch.rules.flat.evaluators import HAS_FLAT


def test_the_flat_evaluator_is_built_where_there_is_a_compiler() -> None:
    assert HAS_FLAT or shutil.which("cc") is None
