"""The API with cheap passwords."""

from collections.abc import AsyncIterator

import pytest

from host_api.core.application import create_runtime
from host_api.core.settings import Settings
from tests.host_api.people import with_cheap_passwords
from tests.host_api.running_api import RunningApi, running_api


@pytest.fixture
async def api(settings: Settings) -> AsyncIterator[RunningApi]:
    """The API served without a switch; logging in costs nothing."""
    async with running_api(with_cheap_passwords(create_runtime(settings))) as running:
        yield running
