"""The page's server over real HTTP and WebSocket, with the real firmware behind it."""

import asyncio
import json
from pathlib import Path
from typing import cast

import httpx2
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from simulator.screen import ScreenServer
from simulator.screen.cards import BY_NAME
from simulator.scripted_switch import Behaviour
from tests.simulator.screen.page_client import Page, bench, cookie_of, opened, value_of


async def first_word(server: ScreenServer) -> object:
    """The terminal of a new page, as soon as one is free."""
    while True:
        async with opened(server.address) as page:
            found = await page.until(lambda _: True)
            if found["event"] == "hello":
                return found["terminal"]


async def sold(page: Page, card: str, way: str) -> None:
    """A sale of 70,000 rial with a card of the wallet."""
    await page.do(do="card", card=card, way=way)
    await page.state("amount")
    await page.do(do="keys", keys="70000\r")
    await page.state("remove", "printing")
    await page.do(do="remove")
    await page.event("slip")
    await page.state("idle")


def test_every_way_of_a_card_reaches_the_switch_and_nothing_told_shows_its_number(tmp_path: Path) -> None:
    ways = {
        ("gold", "swipe"): "021",
        ("gold", "insert"): "051",
        ("gold", "tap"): "071",
        ("tag", "tap"): "071",
        ("code", "scan"): "031",
    }

    async def scenario() -> None:
        async with bench(tmp_path) as (_, server), opened(server.address) as page:
            hello = await page.event("hello")
            assert BY_NAME["gold"].number in json.dumps(hello)
            await page.state("idle")
            for card, way in ways:
                await sold(page, card, way)
            sales = page.messages("0200")
            assert [value_of(sale, "22") for sale in sales] == list(ways.values())
            assert [value_of(sale, "4") for sale in sales] == ["000000070000"] * len(ways)
            assert value_of(page.messages("0210")[-1], "39") == "00 (Approved)"
            for news in page.news[1:]:
                told = json.dumps(news).replace(" ", "")
                assert not any(card.number in told for card in BY_NAME.values())
            slip = next(news for news in page.news if news["event"] == "slip")
            assert "Purchase" in "".join(cast("list[str]", slip["lines"]))
            tones = [news["tones"] for news in page.news if news["event"] == "beep"]
            assert [[2000, 80], [0, 40], [3000, 160]] in tones

    asyncio.run(scenario())


def test_a_card_that_cannot_be_read_or_is_at_a_reader_already_does_nothing(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with bench(tmp_path) as (switch, server), opened(server.address) as page:
            await page.state("idle")
            await page.do(do="card", card="worn", way="swipe")
            await page.state("notice")
            await page.do(do="card", card="gold", way="swipe")
            await page.do(do="card", card="new", way="scan")
            await page.do(do="card", card="nobody", way="swipe")
            await page.do(do="remove")
            await page.until(lambda news: news["event"] == "state" and news["card"] is None)
            assert switch.requests_of("02") == []

    asyncio.run(scenario())


def test_an_answer_that_is_lost_is_reversed_after_a_power_cut(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with bench(tmp_path) as (switch, server), opened(server.address, "fa") as page:
            await page.state("idle")
            switch.script.next("02", Behaviour.SILENT)
            await page.do(do="card", card="gold", way="swipe")
            await page.state("amount")
            await page.do(do="keys", keys="70000\r")
            await page.until(lambda news: news["event"] == "message" and news["mti"] == "0200")
            await page.do(do="power", on=False)
            await page.state("off")
            await page.do(do="keys", keys="1")
            await page.do(do="power", on=True)
            reversal = await page.until(lambda news: news["event"] == "message" and news["mti"] == "0400")
            assert value_of(reversal, "90").startswith("0200" + str(page.messages("0200")[0]["stan"]))
            await page.state("idle")

    asyncio.run(scenario())


def test_without_a_line_or_paper_the_terminal_says_so(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with bench(tmp_path) as (_, server), opened(server.address) as page:
            await page.state("idle")
            await page.do(do="paper", on=False)
            await page.do(do="card", card="gold", way="swipe")
            await page.state("amount")
            await page.do(do="keys", keys="70000\r")
            await page.state("remove")
            await page.do(do="remove")
            await page.state("printer_fault")
            await page.do(do="paper", on=True)
            await page.do(do="keys", keys="\r")
            slip = await page.event("slip")
            assert "COPY" in "".join(cast("list[str]", slip["lines"]))
            await page.do(do="line", on=False)
            assert await page.event("line") == {"event": "line", "plugged": False, "up": True}
            await page.state("out_of_service")
            await page.do(do="line", on=True)
            await page.state("idle")

    asyncio.run(scenario())


def test_each_page_has_a_terminal_until_it_goes_and_no_more_than_there_are(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with bench(tmp_path, terminals=2) as (_, server):
            async with opened(server.address) as first, opened(server.address) as second:
                names = [(await page.event("hello"))["terminal"] for page in (first, second)]
                assert names == ["T0000001", "T0000002"]
                async with opened(server.address) as third:
                    assert (await third.event("gone"))["why"] == "full"
                    with pytest.raises(ConnectionClosed):
                        await third.event("hello")
                assert server.open_pages == 2
            async with asyncio.timeout(60):
                assert await first_word(server) in names

    asyncio.run(scenario())


@pytest.mark.parametrize(
    "text",
    ["", "nonsense", "[]", "{}", '{"do": "format"}', '{"do": "keys", "keys": "i"}', '{"do": "keys", "on": 7}',
     '{"do": "card", "card": ["gold"]}', "[" * 900],
    ids=["empty", "words", "list", "nothing", "unknown", "slot switch", "wrong type", "card list", "deep"],
)  # fmt: skip
def test_what_is_no_order_is_passed_over(tmp_path: Path, text: str) -> None:
    async def scenario() -> None:
        async with bench(tmp_path) as (_, server), opened(server.address) as page:
            await page.event("hello")
            await page.socket.send(text)
            await page.socket.send(text.encode())
            await page.do(do="line", on=False)
            await page.until(lambda news: news["event"] == "line" and news["plugged"] is False)
            await page.socket.send("x" * 5000)
            with pytest.raises(ConnectionClosed):
                await page.event("never")

    asyncio.run(scenario())


def test_only_our_own_page_on_this_machine_gets_in(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with bench(tmp_path) as (_, server):
            ours = f"http://127.0.0.1:{server.port}"
            cookie = await cookie_of(server.address)
            async with httpx2.AsyncClient(base_url=ours, trust_env=False) as client:

                async def status(path: str, **headers: str) -> int:
                    given = {name.replace("_", "-"): value for name, value in headers.items()}
                    return (await client.get(path, headers=given)).status_code

                assert await status("/fa") == 403
                assert await status("/?key=wrong") == 403
                assert await status("/?key=%FF") == 403
                assert await status("/fa", cookie=cookie) == 200
                assert await status("/fa", cookie=cookie, host="evil.example") == 403
                assert await status("/fa", cookie=cookie, origin="http://evil.example") == 403
                assert await status("/fa", cookie=cookie, origin=ours) == 200
                assert await status("/fa", cookie=cookie, sec_fetch_site="cross-site") == 403
                assert await status("/fa", cookie=cookie, sec_fetch_site="same-site") == 403
                for path in (
                    "/page/texts.json",
                    "/page/../application.py",
                    "/page/%2e%2e/place.py",
                    "/handbook/x",
                ):
                    assert await status(path, cookie=cookie) == 404
                page = await client.get("/en", headers={"cookie": cookie})
                assert "default-src 'none'" in page.headers["content-security-policy"]
                assert "unsafe" not in page.headers["content-security-policy"]
                assert "<script>" not in page.text and "{{" not in page.text

            for headers in (
                {},
                {"Cookie": cookie},
                {"Cookie": cookie, "Origin": "http://evil.example"},
                {"Cookie": cookie, "Origin": f"http://localhost:{server.port}"},
                {"Origin": ours},
            ):
                with pytest.raises(InvalidStatus) as refusal:
                    async with connect(
                        f"ws://127.0.0.1:{server.port}/terminal", additional_headers=headers, proxy=None
                    ):
                        pass
                assert refusal.value.response.status_code == 403
            assert server.open_pages == 0

    asyncio.run(scenario())
