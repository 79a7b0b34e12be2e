"""One browser for the tests of a module, and the people before it."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.simulator.screen.chromium import browser_here
from tests.switch.console.page.watching import Visitors


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with browser_here() as found:
        yield found


@pytest.fixture(scope="module")
def visitors(browser: Browser) -> Visitors:
    """People of every role at any switch."""
    return Visitors(browser)
