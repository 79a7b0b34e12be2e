"""A real switch, a shop with a terminal, members who earn there, and the switch's books afterwards."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

from host_api.core.settings import Settings
from protocol.codec import decode
from switch.snapshot.reading import recovered_state
from tests.host_api.api_calls import get, post
from tests.host_api.eventually import eventually
from tests.host_api.points_bench import runtime_with
from tests.host_api.running_api import RunningApi, running_api
from tests.switch.conftest import FEED_TOKEN, SPEC, Link, SwitchProcess

TERMINAL, SHOP = "TERM0001", "SHOP01"


@contextmanager
def running_switch(directory: Path) -> Iterator[SwitchProcess]:
    switch = SwitchProcess(directory)
    try:
        yield switch.start()
    finally:
        if switch.process is not None and switch.process.poll() is None:
            switch.kill()


@asynccontextmanager
async def api_with(settings: Settings, directory: Path, switch: SwitchProcess) -> AsyncIterator[RunningApi]:
    runtime = runtime_with(
        settings, directory, switch=switch.terminals, operations_url=switch.operations, token=FEED_TOKEN
    )
    async with running_api(runtime) as running:
        yield running


async def shop(api: RunningApi, switch: SwitchProcess) -> Link:
    """A terminal that is signed on."""
    merchant = await post(api, "/v1/merchants", {"merchant_id": SHOP, "name": "فروشگاه"})
    branch = await post(api, f"/v1/merchants/{merchant['id']}/branches", {"name": "مرکزی"})
    await post(api, "/v1/terminals", {"terminal_id": TERMINAL, "branch_id": branch["id"]})

    async def is_served() -> bool:
        return (await get(api, f"/v1/terminals/{TERMINAL}"))["switch_state"] == "active"

    await eventually(is_served)
    link = Link(switch.terminals)
    await asyncio.to_thread(link.sign_on, TERMINAL)
    return link


async def member_who_buys(api: RunningApi, link: Link, rial: int) -> int:
    """A member who has earned a point for each 10,000 rial."""
    member = await post(api, "/v1/members", {"name": "سارا", "tier": "gold"})
    card = await post(api, "/v1/cards", {"member_id": member["id"]})

    async def is_known() -> bool:
        return (await get(api, f"/v1/cards/{card['id']}"))["switch_state"] == "active"

    await eventually(is_known)
    assert await asyncio.to_thread(_buy, link, str(card["number"]), rial) == "00"
    return int(str(member["id"]))


async def has_points(api: RunningApi, member: int, points: int) -> None:
    """Wait until the journal's projection shows it."""

    async def is_shown() -> bool:
        return (await get(api, f"/v1/members/{member}/balances"))["points"] == points

    await eventually(is_shown)


def are_books_in_balance(directory: Path) -> bool:
    """Whether each purse's accounts sum to nothing in a switch that was stopped."""
    return not any(recovered_state(directory / "journal").accounts.trial_balance().values())


def _buy(link: Link, card: str, rial: int) -> str:
    link.send(link.purchase(rial, card=card, terminal_id=TERMINAL, merchant_id=SHOP))
    answered = link.receive_payload()
    assert answered is not None
    return decode(SPEC, answered).text(39)
