"""What tests share tells as much as a test when it fails."""

import pytest

from tests.switch import customers


def test_a_failed_assert_of_a_shared_module_shows_its_values() -> None:
    assert type(customers.__loader__).__name__ == "AssertionRewritingHook", customers.__loader__
    with pytest.raises(AssertionError, match="assert 1 == 2"):
        one = 1
        assert one == 2
