"""Replies of another switch on a link: those that are remembered wait for the disk, in whatever turn."""

import socket
import struct
from collections.abc import Callable, Coroutine
from pathlib import Path

from protocol.message import Message
from switch.authoriser.request import Financial, Reversal
from switch.gate.forwarding import Answer
from switch.gate.late_replies import LateReplies
from switch.journal.entries import Fate, ForwardedEntry
from switch.ledger.records import TerminalRecord
from tests.switch.links.conftest import Run
from tests.switch.links.running_gate import (
    TERMINAL,
    Peer,
    RunningGate,
    connected,
    eventually,
    furnish,
    purchase,
)
from tests.switch.links.test_link_overload import codes_by_trace, reversal

AWAY = 777


class Sister:
    """Another switch that answers when it is told; every sale of this one amount is its own."""

    def __init__(self, late: LateReplies) -> None:
        self.late = late
        self.asked: list[tuple[Financial | Reversal, Answer]] = []

    def claims(self, message: Message, request: Financial | Reversal, card_type: str) -> bool:
        return isinstance(request, Financial) and request.amount == AWAY

    def claims_sale(self, terminal_id: str, key: int, card_number: str, card_type: str) -> bool:
        return True  # it may be one: the plain way asks `claims`

    def may_have_forgotten(self, reversal: Reversal) -> bool:
        return False

    def knows(self, terminal_id: str, key: int) -> bool:
        return False

    def ask(
        self, message: Message, request: Financial | Reversal, terminal: TerminalRecord, answer: Answer
    ) -> None:
        self.asked.append((request, answer))

    def approve(self) -> None:
        """The oldest of what was asked is answered and recorded."""
        request, answer = self.asked.pop(0)
        identity = request.identity
        entry = ForwardedEntry(
            at_ms=1,
            mti="0200",
            terminal_id=identity.terminal_id,
            stan=identity.stan,
            transmitted_s=identity.transmitted_s,
            digest=identity.digest,
            processing_code=request.processing_code,
            amount=request.amount,
            currency=request.currency,
            merchant_id=request.merchant_id,
            branch_number=1,
            fate=Fate.ANSWERED,
            response_code="00",
            original_s=0,
            original_stan=0,
            partner="sister",
            partner_terminal_id="CLUB0001",
            partner_s=identity.transmitted_s,
            partner_stan=identity.stan,
            net_amount=request.amount,
            reply_fields=((37, "000000004711"),),
        )
        self.late.record(entry, [answer])
        self.late.flush()


def play(
    run: Run, directory: Path, test: Callable[[RunningGate, Sister, Peer], Coroutine[None, None, None]]
) -> None:
    """Run a test on a gate with a sister, from a terminal that has signed on."""
    sisters: list[Sister] = []

    def sister(late: LateReplies) -> Sister:
        sisters.append(Sister(late))
        return sisters[0]

    async def main() -> None:
        async with RunningGate(directory, forwarding=sister) as gate:
            address = gate.addresses["terminals"]
            await furnish(address, TERMINAL)
            async with connected(address) as peer:
                await peer.sign_on()
                await test(gate, sisters[0], peer)

    run(main())


def test_what_is_recorded_waits_for_the_disk_and_is_the_stored_reply(run: Run, tmp_path: Path) -> None:
    async def test(gate: RunningGate, sister: Sister, peer: Peer) -> None:
        away, here = purchase(AWAY), purchase()
        gate.journal.moves.clear()
        peer.send(here)
        await eventually(lambda: gate.commit.busy_since_s != float("inf"))
        peer.send(away)
        await eventually(lambda: len(sister.asked) == 1)
        sister.approve()
        position = gate.state.position
        assert gate.journal.last_position < position - 1
        assert gate.status().decided == 2
        gate.journal.moves.set()
        first, second = await peer.receive(), await peer.receive()
        assert (first.text(11), second.text(11)) == (here.text(11), away.text(11))
        assert (second.fields[39], second.fields[37]) == ("00", "000000004711")
        assert second.text(15) == gate.state.business.month_day(position) == first.text(15)
        assert gate.journal.last_position == position
        again = await peer.call(Message("0201", away.fields))
        assert again.fields | {64: b""} == second.fields | {64: b""}
        assert gate.state.position == position
        other = dict(away.fields) | {12: "000001"}
        assert (await peer.call(Message("0200", other))).fields[39] == "94"

    play(run, tmp_path, test)


def test_what_nothing_is_remembered_of_leaves_while_the_disk_stands_still(run: Run, tmp_path: Path) -> None:
    async def test(gate: RunningGate, sister: Sister, peer: Peer) -> None:
        gate.journal.moves.clear()
        here, away = purchase(), purchase(AWAY)
        peer.send(here)
        await eventually(lambda: gate.commit.busy_since_s != float("inf"))
        peer.send(away)
        await eventually(lambda: len(sister.asked) == 1)
        sister.asked.pop()[1]({39: "91"})
        reply = await peer.receive()
        assert (reply.text(11), reply.fields[39]) == (away.text(11), "91")
        gate.journal.moves.set()
        assert (await peer.receive()).text(11) == here.text(11)

    play(run, tmp_path, test)


def test_a_reversal_that_comes_with_its_sale_keeps_it_from_going_out(run: Run, tmp_path: Path) -> None:
    async def test(gate: RunningGate, sister: Sister, peer: Peer) -> None:
        away = purchase(AWAY)
        undoing = reversal(away)
        peer.send(away, undoing)
        codes = await codes_by_trace(peer, 2)
        assert codes == {away.text(11): "21", undoing.text(11): "00"}
        assert sister.asked == []

    play(run, tmp_path, test)


def test_no_reply_gives_the_place_back_and_a_lost_link_is_recorded_all_the_same(
    run: Run, tmp_path: Path
) -> None:
    async def test(gate: RunningGate, sister: Sister, peer: Peer) -> None:
        peer.send(purchase(AWAY), purchase(AWAY))
        await eventually(lambda: len(sister.asked) == 2)
        sister.asked.pop(0)[1](None)
        await eventually(lambda: gate.status().decided == 1)
        reset_at_close = struct.pack("ii", 1, 0)
        peer.writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, reset_at_close)
        peer.writer.transport.abort()
        await eventually(lambda: gate.status().decided == 0)
        position = gate.state.position
        sister.approve()
        await eventually(lambda: gate.journal.last_position == position + 1)
        await gate.drain()

    play(run, tmp_path, test)
