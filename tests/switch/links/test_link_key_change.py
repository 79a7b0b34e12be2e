"""Key changes on live links: no message is lost, and old keys end."""

from pathlib import Path

from protocol.message import Message
from protocol.security.key_exchange import read_response, request_tags
from protocol.security.keys import derive_terminal_key
from protocol.security.mac import Mac
from protocol.security.session_keys import SessionKeys, derive_session_key
from tests.switch.links.conftest import Run
from tests.switch.links.running_gate import (
    MASTER_KEY,
    TERMINAL,
    Peer,
    RunningGate,
    connected,
    furnish,
    network,
    purchase,
)

SECOND = "T0000002"


def own_key(terminal_id: str = TERMINAL) -> bytes:
    return derive_terminal_key(MASTER_KEY, terminal_id, 1)


def exchange(counter: int, terminal_id: str = TERMINAL) -> Message:
    return network("101", terminal_id, dict(request_tags(counter)))


async def new_session(
    peer: Peer, counter: int = 0, terminal_id: str = TERMINAL, mac: Mac | None = None
) -> tuple[int, Mac]:
    """Change keys as a terminal in session `counter` does; the new session and its MAC."""
    keys = SessionKeys(own_key(terminal_id), terminal_id, counter)
    reply = await peer.call(exchange(counter, terminal_id), mac or keys.sending_mac(0))
    assert reply.fields[39] == "00"
    keys.adopt(read_response(reply.tags(48)), 0, 60_000)
    assert keys.next_counter is not None
    return keys.next_counter, keys.sending_mac(0)


def test_no_message_is_lost_while_keys_change(run: Run, tmp_path: Path) -> None:
    """Requests are always under way: before the question, between question and answer, and after."""

    async def main() -> None:
        async with RunningGate(tmp_path) as switch:
            address = switch.addresses["terminals"]
            await furnish(address)
            async with connected(address) as peer:
                await peer.sign_on()
                counters = [0]
                for _ in range(20):
                    keys = SessionKeys(own_key(), TERMINAL, counters[-1])
                    old = keys.sending_mac(0)
                    question = exchange(counters[-1])
                    peer.send(purchase(), purchase(), question, purchase(), purchase(), mac=old)
                    for _ in range(2):
                        assert (await peer.receive(old)).fields[39] == "00"
                    answer = await peer.receive(old)
                    peer.send(purchase(), mac=old)
                    keys.adopt(read_response(answer.tags(48)), 0, 60_000)
                    new = keys.sending_mac(0)
                    peer.send(purchase(), purchase(), mac=new)
                    for mac in (old, old, old, new, new):
                        assert (await peer.receive(mac)).fields[39] == "00"
                    assert keys.next_counter is not None
                    counters.append(keys.next_counter)
                assert counters == sorted(set(counters))
                assert switch.counters.mac_failures == 0

    run(main())


def test_old_keys_open_nothing_but_a_new_session(run: Run, tmp_path: Path) -> None:
    async def main() -> None:
        async with RunningGate(tmp_path) as switch:
            address = switch.addresses["terminals"]
            await furnish(address)
            async with connected(address) as peer:
                await peer.sign_on()
                first, first_mac = await new_session(peer)
                assert await peer.code(purchase(), first_mac) == "00"
                for message in (purchase(), network("301"), network("002")):
                    assert await peer.code(message) == "63"
                await peer.sign_on()
                assert await peer.code(purchase(), first_mac) == "00", "a sign-on ends no session"
                second, second_mac = await new_session(peer, first)
                assert await peer.code(purchase(), second_mac) == "00"
                peer.send(purchase(), mac=first_mac)
                assert (await peer.receive()).fields[39] == "63", "sealed by the terminal's own key"
                _, restored = await new_session(peer, second, mac=Peer.mac())
                assert await peer.code(purchase(), restored) == "00"
                assert switch.counters.mac_failures == 4

    run(main())


def test_sessions_belong_to_a_terminal_and_a_link(run: Run, tmp_path: Path) -> None:
    async def main() -> None:
        async with RunningGate(tmp_path) as switch:
            address = switch.addresses["terminals"]
            await furnish(address, TERMINAL, SECOND)
            async with connected(address) as one, connected(address) as other:
                for peer in (one, other):
                    await peer.sign_on()
                    await peer.sign_on(SECOND)
                on_one, mac = await new_session(one)
                assert await one.code(purchase(), mac) == "00"
                assert await one.code(purchase(terminal_id=SECOND)) == "00"
                assert await other.code(purchase()) == "00"
                on_other, other_mac = await new_session(other)
                assert on_other > on_one
                assert await other.code(purchase(), other_mac) == "00"
                assert await one.code(purchase(), mac) == "00"
                assert await one.code(network("002"), mac) == "00"
                await one.sign_on()
                assert await one.code(purchase()) == "00", "a sign-off ends the session"
            async with connected(address) as fresh:
                await fresh.sign_on()
                assert await fresh.code(purchase()) == "00"
                third, _ = await new_session(fresh, on_other, mac=Peer.mac())
                assert third > on_other

    run(main())


def test_wrong_questions_are_refused(run: Run, tmp_path: Path) -> None:
    async def main() -> None:
        async with RunningGate(tmp_path) as switch:
            address = switch.addresses["terminals"]
            await furnish(address)
            async with connected(address) as peer:
                assert await peer.code(exchange(0)) == "58", "not signed on"
                await peer.sign_on()
                assert await peer.code(network("101")) == "30"
                assert await peer.code(network("101", tags={"DF30": "4294967296"})) == "30"
                assert await peer.code(exchange(0xFFFFFFFF)) == "63", "no counter is left"
                assert await peer.code(purchase()) == "00"
                peer.send(purchase(), mac=Mac(derive_session_key(own_key(), TERMINAL, 1)))
                assert (await peer.receive()).fields[39] == "63"

    run(main())
