"""Both event loops."""

import asyncio
from collections.abc import Callable, Coroutine

import pytest
import uvloop

Run = Callable[[Coroutine[object, object, None]], None]
_TEST_TIMEOUT_S = 150.0


@pytest.fixture(params=[asyncio.SelectorEventLoop, uvloop.new_event_loop], ids=["asyncio", "uvloop"])
def run(request: pytest.FixtureRequest) -> Run:
    """Runs a coroutine in a loop of its own."""

    def run_in_loop(main: Coroutine[object, object, None]) -> None:
        with asyncio.Runner(loop_factory=request.param) as runner:
            runner.run(asyncio.wait_for(main, _TEST_TIMEOUT_S))

    return run_in_loop
