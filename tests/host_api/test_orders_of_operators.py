"""What operators order at the switch's console is in its feed, and holds the host's projection up nowhere."""

import asyncio
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest
from sqlalchemy import select

from host_api.core.database import Database
from host_api.core.feed_position import read_position
from host_api.core.feed_projection import FeedProjection, FeedSettings, FeedState
from host_api.core.programmes import FIRST_PROGRAMME
from host_api.services.catalogue import projectors
from host_api.services.transactions.models import Transaction
from tests.host_api.eventually import eventually
from tests.switch.conftest import HOST, TERMINAL, Link, SwitchProcess
from tests.switch.console.people import Browser, put_users, user_of

pytestmark = pytest.mark.anyio


@pytest.fixture
def switch(tmp_path: Path) -> Iterator[SwitchProcess]:
    found = SwitchProcess(tmp_path / "switch")
    put_users(found, user_of("sara", "operator"))
    try:
        yield found.start()
    finally:
        if found.running:
            found.kill()


def _order(switch: SwitchProcess, *actions: str) -> None:
    person = Browser(switch).log_in("sara")
    for action in actions:
        arguments = {} if action == "take-snapshot" else {"terminal_id": TERMINAL}
        path = f"/console/actions/{action}"
        asked = person.post(path, {"arguments": arguments})
        confirmed = {"arguments": arguments, "confirmation": asked.document["confirmation"]}
        assert person.post(path, confirmed).status == 200


def _sell(switch: SwitchProcess) -> str:
    with closing(Link(switch.terminals)) as link:
        link.sign_on()
        return link.call(link.purchase(1_000_000)).text(39)


def _trade(switch: SwitchProcess) -> None:
    """Sales before and behind orders, of which one has a beginning and an end."""
    with closing(Link(switch.terminals)) as host:
        host.sign_on(HOST)
        assert host.make_terminal().fields[39] == "00"
        host.make_member()
    assert _sell(switch) == "00"
    _order(switch, "close-terminal", "open-terminal", "take-snapshot")
    deadline = time.monotonic() + 20
    while [line["kind"] for line in switch.feed()].count("order") < 4:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert _sell(switch) == "00"


async def test_the_projection_goes_on_over_orders(database: Database, switch: SwitchProcess) -> None:
    await asyncio.to_thread(_trade, switch)
    lines = await asyncio.to_thread(switch.feed)
    assert [line["kind"] for line in lines][-6:] == ["transaction", *["order"] * 4, "transaction"]
    settings = FeedSettings(switch.operations, switch.directory / "keys/feed.token")
    projection = FeedProjection(database, FIRST_PROGRAMME, projectors(), settings, long_poll_ms=200)
    running = asyncio.create_task(projection.run())

    async def is_there() -> bool:
        async with database.reading(FIRST_PROGRAMME) as session:
            found = (await read_position(session)).position
        return found >= int(str(lines[-1]["position"])) and projection.state is FeedState.FOLLOWING

    try:
        await eventually(is_there)
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running
    assert projection.last_error is None
    async with database.reading(FIRST_PROGRAMME) as session:
        sold = list(await session.scalars(select(Transaction.response_code).order_by(Transaction.rrn)))
    assert sold == ["00", "00"]
