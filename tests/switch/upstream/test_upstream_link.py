"""The link as it runs, over real sockets, against a real second switch."""

import asyncio
import shutil
import socket
import time
from collections.abc import Callable, Coroutine
from pathlib import Path

import pytest

from protocol.message import Message
from switch.gate.tls import reload_contexts
from switch.upstream.settings import UpstreamFault, load_upstream
from switch.upstream.store import StoreFault
from tests.switch.conftest import SwitchAt, SwitchProcess
from tests.switch.links.certificates import Certificates
from tests.switch.upstream.club_journal import ClubJournal
from tests.switch.upstream.link_client import PATIENCE_S, running
from tests.switch.upstream.partner_process import partner_points, set_up_partner, write_upstream_file
from tests.switch.upstream.partner_wire import PARTNER_MERCHANT
from tests.switch.upstream.stalling_proxy import StallingProxy

EXPECTED_POINTS = 250  # of a purchase of 2,500,000 rial by the default rules


def run(test: Callable[[], Coroutine[None, None, None]]) -> None:
    asyncio.run(test())


@pytest.fixture
def partner(switch_at: SwitchAt) -> SwitchProcess:
    """A running partner with our terminal and a member's card."""
    found = switch_at("partner").start()
    set_up_partner(found)
    return found


def sales_of(partner: SwitchProcess) -> list[dict[str, object]]:
    """Feed lines of transactions at the partner's."""
    return [line for line in partner.feed() if line.get("processing_code")]


def test_a_purchase_goes_out_and_comes_back(partner: SwitchProcess, tmp_path: Path) -> None:
    path = write_upstream_file(tmp_path, partner.terminals[1])

    async def test() -> None:
        async with running(path) as client:
            await client.until("phase", "up")
            sale = client.sale()
            fields = await client.ask(sale)
            assert fields is not None
            assert fields[39] == "00"
            assert fields[37] != ""
            tags = fields[48]
            assert not isinstance(tags, str | bytes)
            assert tags["DF01"] == f"{EXPECTED_POINTS:012d}"
            assert await client.ask(Message("0201", sale.fields)) == fields
            assert await client.code(client.sale("0100", "310000")) == "00"
            assert await client.code(client.reversal(sale)) == "00"
            await client.until("queue_delivered", 1)
            async with asyncio.timeout(PATIENCE_S):
                await client.upstream.drain()

    run(test)
    assert partner_points(partner) == 0


def test_many_at_once_each_get_their_own_reply(partner: SwitchProcess, tmp_path: Path) -> None:
    path = write_upstream_file(tmp_path, partner.terminals[1])

    async def test() -> None:
        async with running(path) as client:
            await client.until("phase", "up")
            for _ in range(2):
                codes = await asyncio.gather(*(client.code(client.sale()) for _ in range(64)))
                assert codes == ["00"] * 64
            codes = await asyncio.gather(*(client.code(client.sale()) for _ in range(70)))
            assert codes.count("91") == 6, "above the bound, at once"
            advices = await asyncio.gather(*(client.code(client.sale("0220")) for _ in range(100)))
            assert advices == ["00"] * 100
            await client.until("queue_depth", 0)

    run(test)
    assert partner_points(partner) == (3 * 64 + 100) * EXPECTED_POINTS


def test_a_killed_partner_is_refused_at_once_and_gets_everything_later(
    partner: SwitchProcess, tmp_path: Path
) -> None:
    path = write_upstream_file(tmp_path, partner.terminals[1])
    port = partner.terminals[1]

    async def test() -> None:
        async with running(path) as client:
            await client.until("phase", "up")
            sales = [client.sale() for _ in range(3)]
            for sale in sales:
                assert await client.code(sale) == "00"
            partner.kill()
            await client.until("link_losses", 1)
            started = time.monotonic()
            assert await client.code(client.sale()) == "91"
            assert time.monotonic() - started < 1.0
            assert await client.code(client.reversal(sales[0])) == "00"
            assert await client.code(client.sale("0220")) == "00"
            assert client.upstream.status()["queue_depth"] == 2
            partner.start(terminals_port=port)
            await client.until("queue_depth", 0)
            await client.until("phase", "up")
            assert await client.code(client.sale()) == "00"

    run(test)
    assert partner_points(partner) == 4 * EXPECTED_POINTS


def test_a_late_reply_is_taken_back(partner: SwitchProcess, tmp_path: Path) -> None:
    with StallingProxy(partner.terminals) as proxy:
        path = write_upstream_file(tmp_path, proxy.port, reply_timeout_s=0.5)

        async def test() -> None:
            async with running(path) as client:
                await client.until("phase", "up")
                proxy.stall()
                started = time.monotonic()
                assert await client.code(client.sale()) == "91"
                assert 0.4 < time.monotonic() - started < 3.0
                assert client.upstream.status()["queue_depth"] == 1
                proxy.go_on()
                await client.until("link_late", 1)
                await client.until("queue_depth", 0)

        run(test)
    assert partner_points(partner) == 0
    assert [bool(line.get("reverses")) for line in sales_of(partner)] == [False, True]


def test_a_connection_cut_in_the_midst_is_taken_back(partner: SwitchProcess, tmp_path: Path) -> None:
    with StallingProxy(partner.terminals) as proxy:
        path = write_upstream_file(tmp_path, proxy.port)

        async def test() -> None:
            async with running(path) as client:
                await client.until("phase", "up")
                proxy.stall()
                asked = asyncio.ensure_future(client.code(client.sale()))
                await client.until("in_flight", 1)
                proxy.cut()
                assert await asked == "91"
                await client.until("queue_delivered", 1)

        run(test)
    assert partner_points(partner) == 0


def test_a_half_open_partner_is_noticed_by_echo(partner: SwitchProcess, tmp_path: Path) -> None:
    with StallingProxy(partner.terminals) as proxy:
        path = write_upstream_file(tmp_path, proxy.port, echo_interval_s=0.1, echo_timeout_s=0.3)

        async def test() -> None:
            async with running(path) as client:
                await client.until("phase", "up")
                await client.until("link_echoes", 2)
                assert client.upstream.status()["link_losses"] == 0
                proxy.stall()
                await client.until("link_losses", 1)
                proxy.go_on()
                await client.until("phase", "up")

        run(test)


def test_over_tls_with_certificates_on_both_sides(switch_at: SwitchAt, tmp_path: Path) -> None:
    issuer = Certificates(tmp_path / "certificates")
    server, server_key = issuer.make("partner.example", is_server=True)
    ours, our_key = issuer.make("club.example")
    partner = switch_at("partner").start()
    set_up_partner(partner)
    partner.stop()
    port = partner.terminals[1]
    partner.start(
        terminals_port=port,
        tls_certificate_file=server,
        tls_key_file=server_key,
        tls_ca_file=issuer.ca,
        tls_client_certificate="required",
    )
    own = {"ca_file": issuer.ca, "certificate_file": ours, "key_file": our_key}
    path = write_upstream_file(tmp_path, port, tls=own)

    async def test() -> None:
        async with running(path) as client:
            await client.until("phase", "up")
            assert await client.code(client.sale()) == "00"

    run(test)
    stranger = Certificates(tmp_path / "strangers", "stranger")
    path = write_upstream_file(tmp_path, port, tls={**own, "ca_file": stranger.ca})

    async def refused() -> None:
        async with running(path) as client:
            await client.until("link_losses", 2)
            assert client.upstream.status()["link_connects"] == 0

    run(refused)


def test_a_renewed_certificate_is_shown_at_the_next_attempt(switch_at: SwitchAt, tmp_path: Path) -> None:
    issuer, stranger = Certificates(tmp_path / "tls"), Certificates(tmp_path / "stranger", "stranger")
    server, server_key = issuer.make("partner.example", is_server=True)
    partner = switch_at("partner").start()
    set_up_partner(partner)
    port = partner.terminals[1]
    assert partner.stop() == 0
    partner.start(
        terminals_port=port,
        tls_certificate_file=server,
        tls_key_file=server_key,
        tls_ca_file=issuer.ca,
        tls_client_certificate="required",
        tls_minimum_version="1.2",
    )
    certificate, key = stranger.make("club")
    tls = {"certificate_file": certificate, "key_file": key, "ca_file": issuer.ca}
    path = write_upstream_file(tmp_path, port, tls=tls)

    async def test() -> None:
        async with running(path) as client:
            context = client.upstream.tls
            assert context is not None
            async with asyncio.timeout(PATIENCE_S):
                while client.upstream.status()["link_losses"] == 0:
                    await client.upstream.changed()
            for renewed, own in zip(issuer.make("club"), (certificate, key), strict=True):
                shutil.copy(renewed, own)
            await reload_contexts({client.upstream.name: context})
            await client.until("phase", "up")

    run(test)


def test_a_restart_sends_what_was_left_and_nothing_twice(partner: SwitchProcess, tmp_path: Path) -> None:
    path = write_upstream_file(tmp_path, partner.terminals[1])
    journal = ClubJournal()
    kept: list[Message] = []
    times: list[int] = []

    async def before() -> None:
        async with running(path, journal) as client:
            await client.until("phase", "up")
            kept.append(client.sale())
            times.append(client.sent_s)
            assert await client.code(kept[0]) == "00"
            partner.kill()
            await client.until("link_losses", 1)
            kept.append(client.sale("0220"))
            assert await client.code(kept[1]) == "00"

    run(before)
    partner.start(terminals_port=partner.terminals[1])

    async def after() -> None:
        async with running(path, journal.after_crash()) as client:
            await client.until("phase", "up")
            repeat = Message("0201", kept[0].fields)
            client.sent_s = times[0]
            assert await client.code(repeat) == "00"
            await client.until("queue_depth", 0)

    run(after)
    assert partner_points(partner) == 2 * EXPECTED_POINTS


def test_dead_letters_can_be_revived_and_given_up(partner: SwitchProcess, tmp_path: Path) -> None:
    path = write_upstream_file(tmp_path, partner.terminals[1])

    async def test() -> None:
        async with running(path) as client:
            advice = client.sale("0220")
            advice.fields[2] = advice.text(2)[:-2] + "99"  # no such card at the partner's
            assert await client.code(advice) == "00"
            await client.until("queue_dead", 1)
            (letter,) = client.upstream.dead_letters()
            assert letter.dead_reason == "refused with code 14"
            await client.upstream.revive(letter.number)
            await client.until("queue_buried", 2)
            await client.upstream.discard(letter.number)
            assert client.upstream.dead_letters() == []
            with pytest.raises(KeyError):
                await client.upstream.revive(letter.number)
        async with running(path) as client:
            assert client.upstream.dead_letters() == [], "it was durable when discard returned"

    run(test)


def test_what_is_set_up_wrongly_is_refused_in_one_line(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        path = write_upstream_file(tmp_path, taken.getsockname()[1])
    good = path.read_text()

    async def second_process() -> None:
        async with running(path):
            with pytest.raises(StoreFault, match="another process"):
                async with running(path):
                    pass

    run(second_process)
    for wrong, told in (
        (good.replace("127.0.0.1", "10.0.0.1"), "wants tls"),
        (good.replace("[queue]", "[queue]\nwindow = 0"), "queue.window"),
        (good.replace("terminal_id", "terminal"), "terminals.0.terminal"),
        (good.replace(f'"{PARTNER_MERCHANT}"', '""'), "terminals.0.merchant_id"),
        ("= 1", "upstream file"),
    ):
        path.write_text(wrong)
        with pytest.raises(UpstreamFault, match=told):
            load_upstream(path)
    path.write_text(good)
    (tmp_path / "partner.key").chmod(0o644)

    async def readable_key() -> None:
        with pytest.raises(UpstreamFault, match="0600"):
            async with running(path):
                pass

    run(readable_key)
