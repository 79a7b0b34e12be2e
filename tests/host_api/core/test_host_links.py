"""Links to the switch: session keys, many requests at a time, and what ends a link."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from host_api.core.host_link.link import HostLink, LinkFault
from host_api.core.host_link.pool import HostLinkPool
from host_api.core.host_link.settings import HostLinkSettings, HostLinkState
from protocol.message import Message, Value
from protocol.security.keys import derive_terminal_key
from tests.host_api.core.ledger_bench import quick_backoff
from tests.host_api.eventually import eventually
from tests.host_api.switch_peer import HOST_ID, MASTER_KEY, SwitchPeer

pytestmark = pytest.mark.anyio

KEY = derive_terminal_key(MASTER_KEY, HOST_ID, 1)


def _settings(
    peer: SwitchPeer,
    tmp_path: Path,
    *,
    links: int = 2,
    in_flight: int = 32,
    response_timeout_s: float = 15.0,
    echo_after_s: float = 30.0,
) -> HostLinkSettings:
    path = tmp_path / "master.key"
    path.write_text(MASTER_KEY.hex(), "ascii")
    return HostLinkSettings(
        peer.endpoint,
        HOST_ID,
        path,
        links=links,
        in_flight=in_flight,
        response_timeout_s=response_timeout_s,
        echo_after_s=echo_after_s,
    )


def _credit(number: int) -> Message:
    fields: dict[int, Value] = {
        3: "220091",
        4: "000000000005",
        7: "0321063112",
        11: f"{number:06d}",
        12: "100112",
        13: "0101",
        22: "011",
        41: HOST_ID,
        42: "CLUB",
        48: {"DF20": "000000000012", "DF16": "r"},
        49: "999",
    }
    return Message("0200", fields)


@asynccontextmanager
async def _pool(settings: HostLinkSettings) -> AsyncIterator[HostLinkPool]:
    pool = HostLinkPool(settings, new_backoff=quick_backoff)
    task = asyncio.create_task(pool.run())
    try:
        yield pool
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_every_link_signs_on_and_changes_to_a_session_key(tmp_path: Path) -> None:
    # The peer verifies each message by the session's key and seals with it.
    async with SwitchPeer() as peer, _pool(_settings(peer, tmp_path, links=3)) as pool:
        await eventually(lambda: pool.open_links == 3)
        assert (peer.sign_ons, peer.key_changes) == (3, 3)
        answers = await asyncio.gather(*(pool.exchange(_credit(number)) for number in range(1, 31)))
        assert {answer.text(39) for answer in answers} == {"00"}
        assert [answer.text(11) for answer in answers] == [f"{number:06d}" for number in range(1, 31)]
    assert peer.balances == {12: 150}


async def test_answers_find_their_requests_in_whatever_order_they_come(tmp_path: Path) -> None:
    async with (
        SwitchPeer(fate=lambda count: "late" if count < 5 else "serve") as peer,
        await HostLink.open(_settings(peer, tmp_path), KEY) as link,
    ):
        waiting = [asyncio.create_task(link.exchange(_credit(number))) for number in range(1, 6)]
        answers = await asyncio.gather(*waiting)
        assert [answer.text(11) for answer in answers] == [f"{number:06d}" for number in range(1, 6)]
        assert link.in_flight == 0


async def test_no_more_requests_are_in_flight_than_the_link_may_have(tmp_path: Path) -> None:
    async with SwitchPeer(ignore=lambda message: len(peer.messages) < 3) as peer:
        settings = _settings(peer, tmp_path, in_flight=2, response_timeout_s=0.3)
        async with await HostLink.open(settings, KEY) as link:
            waiting = [asyncio.create_task(link.exchange(_credit(number))) for number in range(1, 4)]
            await peer.wait_for(lambda: len(peer.messages) == 2)
            assert link.in_flight == 2
            await asyncio.gather(*waiting, return_exceptions=True)


@pytest.mark.parametrize(
    ("fate", "why"), [("forge", "wrong MAC"), ("cut", "closed the link"), ("silent", "did not answer")]
)
async def test_a_link_not_to_be_trusted_ends_with_all_that_was_in_flight(
    tmp_path: Path, fate: str, why: str
) -> None:
    async with SwitchPeer(fate=lambda count: fate) as peer:
        link = await HostLink.open(_settings(peer, tmp_path, response_timeout_s=0.2), KEY)
        ends = await asyncio.gather(
            *(link.exchange(_credit(number)) for number in range(1, 4)), return_exceptions=True
        )
        assert {type(end) for end in ends} == {LinkFault}
        assert why in str(ends[0])
        with pytest.raises(LinkFault):
            await link.exchange(_credit(9))
        await link.close()


async def test_a_switch_that_answers_others_keeps_its_link(tmp_path: Path) -> None:
    async with (
        SwitchPeer(ignore=lambda message: message.text(11) == "000001") as peer,
        await HostLink.open(_settings(peer, tmp_path, response_timeout_s=0.3), KEY) as link,
    ):
        lost = asyncio.create_task(link.exchange(_credit(1)))
        for number in range(2, 1000):
            await link.exchange(_credit(number))
            if lost.done():
                break
            await asyncio.sleep(0.01)
        with pytest.raises(LinkFault, match="did not answer in time"):
            await lost
        assert link.fault is None


async def test_a_silent_link_is_tried_by_echoes(tmp_path: Path) -> None:
    async with (
        SwitchPeer() as peer,
        await HostLink.open(_settings(peer, tmp_path, echo_after_s=0.02), KEY) as link,
    ):
        living = asyncio.create_task(link.live())
        await eventually(lambda: peer.echoes >= 3)
        peer.sign_on_code = "58"  # as a switch that has lost the sign-on
        fault = await living
    assert "refused an echo with response code 58" in str(fault)


async def test_lost_links_come_back(tmp_path: Path) -> None:
    async with SwitchPeer() as peer, _pool(_settings(peer, tmp_path)) as pool:
        _, port = peer.endpoint
        await pool.wait_open()
        await peer.stop()
        await eventually(lambda: pool.open_links == 0)
        assert pool.state is HostLinkState.CONNECTING
        with pytest.raises(LinkFault, match="no link"):
            await pool.exchange(_credit(1))
        await peer.start(port)
        await eventually(lambda: pool.open_links == 2)
        assert (await pool.exchange(_credit(1))).text(39) == "00"
        assert pool.last_error is None


async def test_without_a_switch_nothing_is_tried() -> None:
    pool = HostLinkPool(None)
    await pool.run()
    assert (pool.state, pool.capacity) == (HostLinkState.NOT_CONFIGURED, 0)
