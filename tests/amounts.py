"""How much is tried: the examples, histories, seeds and lives of a test.

The numbers in the tests are those of `make test`. VAFA_TEST_EXAMPLES makes all of them so many times as
great: `make test-long` has 20, and a part of one is for a quick look.
"""

import os

FACTOR_VARIABLE = "VAFA_TEST_EXAMPLES"
_FACTOR = float(os.environ.get(FACTOR_VARIABLE, "1"))


def many(count: int) -> int:
    """So many, or as many times more as is wanted; at least one."""
    return max(1, round(count * _FACTOR))
