"""Requests for the partner's cards, from our terminals to the partner and back. No I/O, no clock.

A request's identity at the partner's is durable before it goes out. Then it ends in one of these ways:

    answered     the partner's reply goes to the terminal
    refused      it never went out (link down, too many, disk): response code 91, nothing to take back
    taken back   no reply in time, or the link went: its reversal is durable in the queue, then 91

An inquiry leaves nothing behind and is never taken back. Advices, and reversals by our terminals, are durable
in the queue, then approved.
"""

import logging
from itertools import count

from protocol.dialect import ResponseCode
from protocol.faults import ProtocolFault
from protocol.message import Message
from protocol.message_type import original_of
from switch.authoriser.dates import CLOCK_AHEAD_MAX_S
from switch.authoriser.request import Reversal, Step
from switch.ledger.records import Role
from switch.ledger.requests import request_key
from switch.upstream.actions import Lane, MuxAction, Now, Outcome, Ticket
from switch.upstream.delivery import Delivery
from switch.upstream.forward_plan import ForwardCounts, ForwardPlan
from switch.upstream.memory import Memory
from switch.upstream.mux import Multiplexer, MuxRefused
from switch.upstream.open_requests import OpenRequests
from switch.upstream.questions import OpenRequest, Question, Reply, Stage
from switch.upstream.saf_types import Change, Enqueue, Forwarded, Item, Undone
from switch.upstream.settings import Takes
from switch.upstream.staging import After, Staging, Write
from switch.upstream.states import RequestPhase, UpstreamPhase
from switch.upstream.store_and_forward import StoreAndForward
from switch.upstream.terminals import Terminals, UpstreamTerminal
from switch.upstream.translation import (
    Fields,
    PinFault,
    PinKey,
    is_inquiry,
    own_fields,
    refusal,
    request_upstream,
    reversal_upstream,
)

_LOG = logging.getLogger("switch.upstream")

Action = MuxAction | Reply | Write


class Forwarder:
    """Every method returns what is to be done, in order."""

    def __init__(
        self,
        *,
        plan: ForwardPlan,
        mux: Multiplexer,
        queue: StoreAndForward,
        memory: Memory,
        terminals: Terminals,
        pin_key: PinKey,
        next_number: int,
    ) -> None:
        self._plan = plan
        self._mux = mux
        self._queue = queue
        self._delivery = Delivery(mux, queue, plan.queue_reply_timeout_s)
        self._memory = memory
        self._terminals = terminals
        self._pin_key = pin_key
        self.staging = Staging()
        self._numbers = count(next_number)
        self._open = OpenRequests()
        self.counts = ForwardCounts()

    @property
    def open(self) -> int:
        """Requests that aren't answered yet."""
        return len(self._open)

    @property
    def is_writable(self) -> bool:
        """Whether the queue file took what was last written."""
        return not self.staging.is_failing

    @property
    def is_settled(self) -> bool:
        """Whether everything is answered and written."""
        return len(self._open) == 0 and self.staging.is_idle

    @property
    def wake_s(self) -> float:
        """Monotonic time by which `tick` has something to do."""
        queue_s = self._queue.wake_s if self._may_deliver else float("inf")
        return min(self._mux.wake_s, queue_s, self._open.wake_s, self.staging.wake_s)

    def ask(self, question: Question, now: Now) -> list[Action]:
        """Take a question on; it gets one answer, now or later."""
        self.counts.asked += 1
        return self._flush(self._ask(question, now), now)

    def connected(self, now: Now) -> list[Action]:
        """The connection is there."""
        return self._settle(self._mux.connected(now), now)

    def lost(self, now: Now, reason: str) -> list[Action]:
        """The connection is gone, or didn't come about."""
        return self._settle(self._mux.lost(now, reason), now)

    def feed(self, payloads: list[bytes], now: Now) -> list[Action]:
        """Payloads came in, in order."""
        return self._settle(self._mux.feed(payloads, now), now)

    def drain(self, now: Now) -> list[Action]:
        """Take no more; sign off when nothing is in flight."""
        return self._settle(self._mux.drain(now), now)

    def tick(self, now: Now) -> list[Action]:
        """Time has passed."""
        actions: list[Action] = [*self.staging.retry(now.monotonic_s)]
        actions += self._settle(self._mux.tick(now), now)
        for ticket in self._open.ended(now.monotonic_s):
            actions += self._end_of_time(ticket, self._open[ticket], now)
        return self._flush(actions, now)

    def written(self, now: Now) -> list[Action]:
        """The last `Write` is durable."""
        actions: list[Action] = []
        for step in self.staging.written():
            if step.item is not None:
                self._queue.add(step.item)
            opened = self._open.get(step.ticket)
            if opened is not None and step.is_last:
                actions += self._close(step.ticket, opened.final)
            elif opened is not None and opened.stage is Stage.WRITING:
                actions += self._send(step.ticket, opened, now)
        return self._flush(actions, now)

    def write_failed(self, now: Now) -> None:
        """The last `Write` failed; it is tried again, and until then nothing new is taken on."""
        self.counts.write_failures += 1
        self.staging.failed(now.monotonic_s)

    def change_queue(self, changes: list[Change], now: Now) -> list[Action]:
        """Write what an operator's revive or discard changed."""
        self.staging.add(changes)
        return self._flush([], now)

    @property
    def _may_deliver(self) -> bool:
        return self._mux.phase is UpstreamPhase.UP and self.is_writable

    def _ask(self, question: Question, now: Now) -> list[Action]:
        request, terminal = question.request, question.terminal
        known = self._known(question, now)
        if known is not None:
            return known
        if terminal.role != Role.HOST and request.merchant_id != terminal.merchant_id:
            return self._refuse(question, ResponseCode.INVALID_MERCHANT)
        if request.identity.transmitted_s > now.epoch_ms // 1000 + CLOCK_AHEAD_MAX_S:
            return self._refuse(question, ResponseCode.INVALID_TRANSACTION)
        if isinstance(request, Reversal):
            return self._store_reversal(question, request, now)
        is_advice = request.step == Step.ADVICE
        takes = Takes.ADVICES if is_advice else Takes.REQUESTS
        named = self._terminals.choose(request.merchant_id, terminal.terminal_id, takes)
        if named is None:
            return self._refuse(question, ResponseCode.INVALID_MERCHANT)
        sent_s = request.identity.transmitted_s if is_advice else now.epoch_ms // 1000
        row = self._row(question, named, sent_s, int(self._mux.take_stan()))
        if is_advice:
            return self._store_advice(question, row, named, now)
        return self._forward(question, row, named, now)

    def _known(self, question: Question, now: Now) -> list[Action] | None:
        """What a request gets that came before; None for a new one."""
        key = question.key
        ticket, kept, row = self._open.ticket_of(key), self._memory.reply(key), self._memory.row(key)
        if ticket is None and kept is None and row is None:
            forgotten = self._memory.is_forgotten(key)
            return self._refuse(question, ResponseCode.DUPLICATE_TRANSMISSION) if forgotten else None
        if question.digest not in (kept[0] if kept else b"", row.digest if row else b""):
            self.counts.conflicts += 1
            return [Reply(question.answer, refusal(ResponseCode.DUPLICATE_TRANSMISSION))]
        self.counts.repeats += 1
        if ticket is not None:
            end_s = now.monotonic_s + 2 * self._plan.reply_timeout_s
            return [Reply(answer, None) for answer in self._open.wait_too(ticket, question.answer, end_s)]
        if row is not None and row.undone is Undone.BY_TERMINAL:
            return [Reply(question.answer, refusal(ResponseCode.NO_ACTION_TAKEN))]
        if kept is not None:
            return [Reply(question.answer, kept[1])]
        return None if row is None else self._repeat(question, row, now)

    def _repeat(self, question: Question, row: Forwarded, now: Now) -> list[Action]:
        """A request whose reply isn't kept any more. What is stored durably needs no more than to hear so; of
        the others only the partner knows what they came to."""
        if row.undone is Undone.BY_US:
            return [Reply(question.answer, refusal(ResponseCode.SWITCH_INOPERATIVE))]
        if row.mti in ("0220", "0400"):
            return [Reply(question.answer, refusal(ResponseCode.APPROVED))]
        named = self._terminals.by_id.get(row.terminal_id)
        if named is None or len(self._open) >= self._plan.in_flight_max:
            return [Reply(question.answer, None)]
        ticket = self._begin(Stage.WRITING, question, row, named, now, is_kept=True, has_place=False)
        self._open[ticket].is_again = True
        return self._send(ticket, self._open[ticket], now)

    def _forward(self, question: Question, row: Forwarded, named: UpstreamTerminal, now: Now) -> list[Action]:
        inquires = is_inquiry(question.message)
        if (
            self._mux.phase is not UpstreamPhase.UP
            or len(self._open) >= self._plan.in_flight_max
            or not (inquires or (self.is_writable and self._queue.reserve()))
        ):
            return self._refuse(question, ResponseCode.SWITCH_INOPERATIVE)
        keeps = not inquires
        ticket = self._begin(Stage.WRITING, question, row, named, now, is_kept=keeps, has_place=keeps)
        if inquires:
            return self._send(ticket, self._open[ticket], now)
        self.staging.add(self._memory.remember(row), After(ticket, is_last=False))
        return []

    def _store_advice(
        self, question: Question, row: Forwarded, named: UpstreamTerminal, now: Now
    ) -> list[Action]:
        try:
            message = self._message(question, row, named)
        except PinFault as fault:
            _LOG.warning("an advice of terminal %r was refused: %s", row.local_terminal_id, fault)
            return self._refuse(question, ResponseCode.NOT_PERMITTED_TO_TERMINAL)
        if not (self.is_writable and self._queue.reserve()):
            return self._refuse(question, ResponseCode.SWITCH_INOPERATIVE)
        item = Item(row.number, row.local_terminal_id, message, now.epoch_ms)
        changes = [*self._memory.remember(row), Enqueue(item)]
        ticket = self._begin(Stage.STORING, question, row, named, now, is_kept=True, has_place=False)
        return self._store(ticket, changes, item)

    def _store_reversal(self, question: Question, request: Reversal, now: Now) -> list[Action]:
        terminal_id = question.terminal.terminal_id
        original_key = (terminal_id, request_key(request.original_s, request.original_stan))
        original = self._memory.row(original_key)
        if original is None or original_of(request.original_mti) != original.mti:
            return self._refuse(question, ResponseCode.INVALID_TRANSACTION)
        named = self._terminals.by_id.get(original.terminal_id)
        if named is None or not (self.is_writable and self._queue.reserve()):
            return self._refuse(question, ResponseCode.SWITCH_INOPERATIVE)
        row = self._row(question, named, 0, 0)
        changes = self._memory.remember(row)
        item = None
        if original.undone is Undone.NO:
            changes += self._memory.undo(original_key, Undone.BY_TERMINAL)
            reversal = reversal_upstream(question.message, original, named)
            item = Item(row.number, terminal_id, reversal, now.epoch_ms)
            changes.append(Enqueue(item))
        ticket = self._begin(Stage.STORING, question, row, named, now, is_kept=True, has_place=item is None)
        return self._store(ticket, changes, item)

    def _store(self, ticket: int, changes: list[Change], item: Item | None) -> list[Action]:
        self._open[ticket].final = refusal(ResponseCode.APPROVED)
        self.counts.stored += 1
        self.staging.add(changes, After(ticket, item))
        return []

    def _row(self, question: Question, named: UpstreamTerminal, sent_s: int, stan: int) -> Forwarded:
        mti = original_of(question.message.mti)
        number = next(self._numbers)
        return Forwarded(number, *question.key, question.digest, mti, named.terminal_id, sent_s, stan)

    def _begin(
        self,
        stage: Stage,
        question: Question,
        row: Forwarded,
        named: UpstreamTerminal,
        now: Now,
        *,
        is_kept: bool,
        has_place: bool,
    ) -> int:
        deadline_s = now.monotonic_s + self._plan.reply_timeout_s
        return self._open.begin(
            OpenRequest(
                stage, question, row, is_kept, named, deadline_s, has_place, waiters=[question.answer]
            )
        )

    def _send(self, ticket: int, opened: OpenRequest, now: Now) -> list[Action]:
        code = ResponseCode.SWITCH_INOPERATIVE
        try:
            message = self._message(opened.question, opened.row, opened.terminal)
            sent = self._mux.submit(Ticket(Lane.LIVE, ticket), message, opened.deadline_s)
        except MuxRefused:
            pass
        except (PinFault, ProtocolFault) as fault:
            _LOG.warning("a request of terminal %r can't be sent: %s", opened.row.local_terminal_id, fault)
            code = ResponseCode.NOT_PERMITTED_TO_TERMINAL
        else:
            opened.stage = Stage.SENT
            return list(sent)
        return self._close_for_good(ticket, opened, refusal(code))

    def _message(self, question: Question, row: Forwarded, named: UpstreamTerminal) -> Message:
        return request_upstream(
            question.message, (row.sent_s, row.stan), named, lambda: self._pin_key(question.terminal)
        )

    def _settle(self, actions: list[MuxAction], now: Now) -> list[Action]:
        """Outcomes become replies, reversals and changes; the rest is passed on."""
        found: list[Action] = []
        for action in actions:
            if not isinstance(action, Outcome):
                found.append(action)
            elif action.ticket.lane is Lane.QUEUE:
                self.staging.add(self._delivery.settle(action, now))
            elif action.phase is not RequestPhase.LATE:
                # A late reply needs nothing more: the request was taken back when its time was over.
                found += self._settle_live(action, now)
        return self._flush(found, now)

    def _settle_live(self, outcome: Outcome, now: Now) -> list[Action]:
        ticket = outcome.ticket.number
        opened = self._open[ticket]
        row = self._memory.row(opened.question.key) if opened.is_kept else None
        if row is not None and row.undone is Undone.BY_TERMINAL:
            return self._close(ticket, refusal(ResponseCode.NO_ACTION_TAKEN))
        if outcome.reply is not None:
            code = outcome.reply.text(39)
            self.counts.answer(code)
            fields = own_fields(outcome.reply)
            if code not in self._plan.unremembered_codes:
                return self._close(ticket, fields)
            return self._close_for_good(ticket, opened, fields)
        return self._take_back(ticket, opened, now)

    def _take_back(self, ticket: int, opened: OpenRequest, now: Now) -> list[Action]:
        """Nobody knows what it came to: refuse it, once its reversal is sure to reach the partner."""
        opened.final = refusal(ResponseCode.SWITCH_INOPERATIVE)
        if opened.is_again or not opened.is_kept:
            self.counts.expired += 1
            # The terminal of one that is asked again may have been answered before. It repeats, or takes the
            # sale back itself.
            return self._close(ticket, None if opened.is_again else opened.final)
        self.counts.taken_back += 1
        row = opened.row
        reversal = reversal_upstream(opened.question.message, row, opened.terminal)
        item = Item(next(self._numbers), row.local_terminal_id, reversal, now.epoch_ms)
        opened.stage, opened.has_place = Stage.TAKING_BACK, False
        changes = self._memory.undo(opened.question.key, Undone.BY_US)
        self.staging.add([*changes, Enqueue(item)], After(ticket, item))
        return []

    def _end_of_time(self, ticket: int, opened: OpenRequest, now: Now) -> list[Action]:
        """A request that didn't go out in time never will. Whoever waits for the disk gets no reply at all:
        the terminal then repeats or takes back, and either comes out right."""
        if opened.stage is Stage.WRITING:
            return self._close_for_good(ticket, opened, refusal(ResponseCode.SWITCH_INOPERATIVE))
        last_s = opened.deadline_s + self._plan.reply_timeout_s
        if now.monotonic_s < last_s:
            self._open.end_at(last_s, ticket)
            return []
        waiters, opened.waiters = opened.waiters, []
        return [Reply(answer, None) for answer in waiters]

    def _close_for_good(self, ticket: int, opened: OpenRequest, fields: Fields) -> list[Action]:
        """The partner doesn't know of it: that a copy which comes after a restart isn't sent must be durable
        first. Of a request that it may have decided before nothing can be said."""
        if opened.is_again:
            return self._close(ticket, None)
        self.counts.refused += 1
        changes = self._memory.undo(opened.question.key, Undone.BY_US) if opened.is_kept else []
        if not changes:
            return self._close(ticket, fields)
        opened.final, opened.stage = fields, Stage.TAKING_BACK
        self.staging.add(changes, After(ticket))
        return []

    def _close(self, ticket: int, fields: Fields | None) -> list[Action]:
        opened = self._open.close(ticket)
        if opened.has_place:
            self._queue.release()
        if opened.is_kept and fields is not None:
            self._memory.keep_reply(opened.question.key, opened.row.digest, fields)
        return [Reply(answer, fields) for answer in opened.waiters]

    def _refuse(self, question: Question, code: ResponseCode) -> list[Action]:
        self.counts.refused += 1
        return [Reply(question.answer, refusal(code))]

    def _flush(self, actions: list[Action], now: Now) -> list[Action]:
        """Send what is due of the queue; write what has gathered, unless a write is under way."""
        if self._may_deliver:
            sent, changes = self._delivery.pump(now)
            actions += sent
            self.staging.add(changes)
        actions += self.staging.flush()
        return actions
