"""The API and a runtime, with cheap passwords."""

from collections.abc import AsyncIterator

import pytest

from host_api.core.application import create_runtime
from host_api.core.runtime import Runtime
from host_api.core.settings import Settings
from tests.host_api.people import add_user, with_cheap_passwords
from tests.host_api.running_api import RunningApi, running_api


@pytest.fixture
async def api(settings: Settings) -> AsyncIterator[RunningApi]:
    """The API served without a switch; logging in costs nothing."""
    async with running_api(with_cheap_passwords(create_runtime(settings))) as running:
        yield running


@pytest.fixture
async def runtime(settings: Settings) -> AsyncIterator[Runtime]:
    """A runtime that nobody serves; its user is sara."""
    runtime = with_cheap_passwords(create_runtime(settings))
    await runtime.vault.open()
    await add_user(runtime, "sara")
    yield runtime
    runtime.passwords.close()
    await runtime.database.dispose()
