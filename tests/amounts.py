"""How much is tried: the examples, histories, seeds and lives of a test.

VAFA_TEST_EXAMPLES makes all the numbers in the tests so many times as great: `make test` has a quarter of
them, as it must be over in minutes, and `make test-long` twenty times.
"""

import os

FACTOR_VARIABLE = "VAFA_TEST_EXAMPLES"
_FACTOR = float(os.environ.get(FACTOR_VARIABLE, "0.25"))


def many(count: int) -> int:
    """So many, or as many times more as is wanted; at least one."""
    return max(1, round(count * _FACTOR))


def is_thorough() -> bool:
    """Whether this run takes its time: everything that is tried at all is tried everywhere."""
    return _FACTOR >= 1
