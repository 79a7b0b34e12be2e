"""Requests for the partner's cards, from our terminals to the partner and back. No I/O, no clock.

A request's identity at the partner's and its reversal are durable before it goes out. Then it ends in one of
these ways, each of which is journaled before the terminal hears of it:

    answered     the partner's reply goes to the terminal
    refused      it never went out, or the partner decided nothing: nothing to take back
    taken back   no reply in time, the link went, or this process did: its reversal is durable in the queue,
                 and the terminal gets response code 91

Advices, and reversals by our terminals, are durable in the queue, then journaled and approved. An inquiry
leaves nothing behind: it is neither journaled nor taken back. What is refused at once (link down, too many,
disk) leaves nothing behind either.
"""

import logging
from collections.abc import Collection, Iterable
from itertools import count

from protocol.dialect import ResponseCode
from protocol.faults import ProtocolFault
from switch.authoriser.decide import is_inquiry
from switch.authoriser.request import Reversal, Step
from switch.journal.entries import Fate, ForwardedEntry
from switch.ledger.requests import request_key
from switch.upstream.actions import Lane, MuxAction, Now, Outcome, Ticket
from switch.upstream.delivery import Delivery
from switch.upstream.forward_plan import ForwardCounts, ForwardPlan
from switch.upstream.intake import Intake, Prepared
from switch.upstream.memory import Memory
from switch.upstream.mux import Multiplexer, MuxRefused
from switch.upstream.open_requests import OpenRequests
from switch.upstream.questions import OpenRequest, Question, Record, Reply, Stage
from switch.upstream.recording import Told, answered, told_of, undone, unsent
from switch.upstream.saf_types import Change, Enqueue, Item, Journaled, Pending, Undone
from switch.upstream.staging import After, Staging, Write
from switch.upstream.states import RequestPhase, UpstreamPhase
from switch.upstream.store_and_forward import StoreAndForward
from switch.upstream.terminals import Terminals
from switch.upstream.translation import Fields, PinKey, own_fields, refusal

_LOG = logging.getLogger("switch.upstream")

Action = MuxAction | Reply | Record | Write


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
        pending: Iterable[Pending],
        next_number: int,
    ) -> None:
        """`pending` is what a process before this one has left to be journaled; see `recover`."""
        self._plan = plan
        self._mux = mux
        self._queue = queue
        self._delivery = Delivery(mux, queue, plan.queue_reply_timeout_s)
        self._memory = memory
        self.pending = tuple(pending)
        self.staging = Staging()
        self._numbers = count(next_number)
        self._intake = Intake(
            plan,
            terminals,
            pin_key,
            next_number=lambda: next(self._numbers),
            take_stan=mux.take_stan,
        )
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

    def recover(self, journaled: Collection[Told], now: Now) -> None:
        """End what a process before this one had begun. Once, before anything else.

        `journaled` is what the journal has behind the positions of `pending`. Of the rest what nobody knows
        the end of is taken back: no terminal was told of it.
        """
        pending, self.pending = self.pending, ()
        for each in pending:
            if told_of(each.entry) in journaled:
                self.staging.add([Journaled(each.number)])
                continue
            opened = OpenRequest(
                Stage.STORING,
                each.number,
                each.entry,
                now.monotonic_s + self._plan.reply_timeout_s,
                is_kept=each.entry.fate is not Fate.DISCARDED,
                reversal=each.reversal,
            )
            ticket = self._open.begin(opened)
            row = self._memory.row(opened.key)
            if each.reversal is None:
                self._store(ticket, [], None, now)
            elif row is not None and row.undone is Undone.BY_TERMINAL:
                opened.entry = undone(opened.entry)
                self._store(ticket, [], None, now)
            else:
                self._queue.make_place()
                self._take_back(ticket, opened, now)

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
                actions += self._tell(step.ticket, opened.entry, now)
            elif opened is not None and opened.stage is Stage.WRITING:
                actions += self._send(step.ticket, opened, now)
        return self._flush(actions, now)

    def write_failed(self, now: Now) -> None:
        """The last `Write` failed; it is tried again, and until then nothing new is taken on."""
        self.counts.write_failures += 1
        self.staging.failed(now.monotonic_s)

    def journaled(self, numbers: Iterable[int], now: Now) -> list[Action]:
        """Records of these numbers are durable in the journal."""
        self.staging.add([Journaled(number) for number in numbers])
        return self._flush([], now)

    def revive(self, number: int, now: Now) -> list[Action]:
        """Try a dead letter again. KeyError where there is none of this number."""
        self.staging.add(self._queue.revive(number))
        return self._flush([], now)

    def discard(self, number: int, now: Now) -> list[Action]:
        """Give a dead letter up, which the journal tells too. KeyError where there is none of this number."""
        entry = self._queue.dead_letter(number).entry._replace(fate=Fate.DISCARDED)
        changes = self._queue.discard(number)
        ticket = self._open.begin(
            OpenRequest(Stage.STORING, next(self._numbers), entry, float("inf"), is_kept=False)
        )
        self._store(ticket, changes, None, now)
        return self._flush([], now)

    @property
    def _may_deliver(self) -> bool:
        return self._mux.phase is UpstreamPhase.UP and self.is_writable

    def _ask(self, question: Question, now: Now) -> list[Action]:
        known = self._known(question, now)
        if known is not None:
            return known
        request = question.request
        fault = self._intake.fault_of(question, now)
        if fault is not None:
            return self._refuse(question, fault)
        if isinstance(request, Reversal):
            return self._store_reversal(question, request, now)
        prepared = self._intake.request(question, request, now)
        if isinstance(prepared, ResponseCode):
            return self._refuse(question, prepared)
        if request.step == Step.ADVICE:
            return self._store_advice(question, prepared, now)
        return self._forward(question, prepared, now)

    def _known(self, question: Question, now: Now) -> list[Action] | None:
        """What a request gets that came before and isn't answered yet; None for a new one.

        Those that are the journal answers. One that is known here alone was answered so long ago that the
        journal doesn't find it by its identity any more.
        """
        key = question.key
        ticket = self._open.ticket_of(key)
        if ticket is None:
            if self._memory.row(key) is None and not self._memory.is_forgotten(key):
                return None
            return self._refuse(question, ResponseCode.DUPLICATE_TRANSMISSION)
        if question.digest != self._open[ticket].entry.digest:
            self.counts.conflicts += 1
            return [Reply(question.answer, refusal(ResponseCode.DUPLICATE_TRANSMISSION))]
        self.counts.repeats += 1
        end_s = now.monotonic_s + 2 * self._plan.reply_timeout_s
        return [Reply(answer, None) for answer in self._open.wait_too(ticket, question.answer, end_s)]

    def _forward(self, question: Question, prepared: Prepared, now: Now) -> list[Action]:
        opened, row = prepared
        inquires = is_inquiry(question.message.text(3))
        if (
            self._mux.phase is not UpstreamPhase.UP
            or len(self._open) >= self._plan.in_flight_max
            or not (inquires or (self.is_writable and self._queue.reserve()))
        ):
            return self._refuse(question, ResponseCode.SWITCH_INOPERATIVE)
        opened.is_kept = opened.has_place = not inquires
        ticket = self._open.begin(opened)
        if inquires:
            return self._send(ticket, opened, now)
        pending = Pending(row.number, now.position, opened.entry, opened.reversal)
        self.staging.add([*self._memory.remember(row), pending], After(ticket, is_last=False))
        return []

    def _store_advice(self, question: Question, prepared: Prepared, now: Now) -> list[Action]:
        opened, row = prepared
        if opened.message is None or not (self.is_writable and self._queue.reserve()):
            return self._refuse(question, ResponseCode.SWITCH_INOPERATIVE)
        item = Item(row.number, row.local_terminal_id, opened.message, now.epoch_ms, opened.entry)
        self._store(self._open.begin(opened), [*self._memory.remember(row), Enqueue(item)], item, now)
        self.counts.stored += 1
        return []

    def _store_reversal(self, question: Question, request: Reversal, now: Now) -> list[Action]:
        terminal_id = question.terminal.terminal_id
        original_key = (terminal_id, request_key(request.original_s, request.original_stan))
        original = self._memory.row(original_key)
        prepared = self._intake.reversal(question, original, now)
        if isinstance(prepared, ResponseCode):
            return self._refuse(question, prepared)
        if not (self.is_writable and self._queue.reserve()):
            return self._refuse(question, ResponseCode.SWITCH_INOPERATIVE)
        opened, row = prepared
        undo = self._memory.undo(original_key, Undone.BY_TERMINAL)
        changes = [*undo, *self._memory.remember(row)]
        item = None
        if undo and opened.reversal is not None:
            item = Item(row.number, terminal_id, opened.reversal, now.epoch_ms, opened.entry)
            changes.append(Enqueue(item))
        opened.has_place = item is None
        self._store(self._open.begin(opened), changes, item, now)
        self.counts.stored += 1
        return []

    def _store(self, ticket: int, changes: list[Change], item: Item | None, now: Now) -> None:
        """Write what is known of a request, and that it is yet to be journaled; then do that."""
        opened = self._open[ticket]
        pending = Pending(opened.number, now.position, opened.entry)
        self.staging.add([*changes, pending], After(ticket, item))

    def _send(self, ticket: int, opened: OpenRequest, now: Now) -> list[Action]:
        code = ResponseCode.SWITCH_INOPERATIVE
        try:
            if opened.message is not None:
                sent = self._mux.submit(Ticket(Lane.LIVE, ticket), opened.message, opened.deadline_s)
                opened.stage = Stage.SENT
                return list(sent)
        except MuxRefused:
            pass
        except ProtocolFault as fault:
            _LOG.warning("a request of terminal %r can't be sent: %s", opened.entry.terminal_id, fault)
            code = ResponseCode.NOT_PERMITTED_TO_TERMINAL
        self.counts.refused += 1
        return self._tell(ticket, unsent(opened.entry, code), now)

    def _settle(self, actions: list[MuxAction], now: Now) -> list[Action]:
        """Outcomes become records, reversals and changes; the rest is passed on."""
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
        ticket, reply = outcome.ticket.number, outcome.reply
        opened = self._open[ticket]
        row = self._memory.row(opened.key) if opened.is_kept else None
        if row is not None and row.undone is Undone.BY_TERMINAL:
            return self._tell(ticket, undone(opened.entry), now)
        if reply is None:
            if not opened.is_kept:
                self.counts.expired += 1
                return self._close(ticket, refusal(ResponseCode.SWITCH_INOPERATIVE))
            self._take_back(ticket, opened, now)
            return []
        self.counts.answer(reply.text(39))
        if not opened.is_kept:
            return self._close(ticket, own_fields(reply))
        is_decided = reply.text(39) not in self._plan.undecided_codes
        self.counts.refused += not is_decided
        return self._tell(ticket, answered(opened.entry, reply, is_decided=is_decided), now)

    def _take_back(self, ticket: int, opened: OpenRequest, now: Now) -> None:
        """Nobody knows what it came to: refuse it, once its reversal is sure to reach the partner."""
        if opened.reversal is None:
            raise ValueError("nothing to take back with")
        self.counts.taken_back += 1
        entry = opened.entry
        item = Item(next(self._numbers), entry.terminal_id, opened.reversal, now.epoch_ms, entry)
        opened.stage, opened.has_place = Stage.TAKING_BACK, False
        self._store(ticket, [*self._memory.undo(opened.key, Undone.BY_US), Enqueue(item)], item, now)

    def _end_of_time(self, ticket: int, opened: OpenRequest, now: Now) -> list[Action]:
        """A request that didn't go out in time never will. Whoever waits for the disk gets no reply at all:
        the terminal then repeats or takes back, and either comes out right."""
        if opened.stage is Stage.WRITING:
            self.counts.refused += 1
            return self._tell(ticket, unsent(opened.entry, ResponseCode.SWITCH_INOPERATIVE), now)
        last_s = opened.deadline_s + self._plan.reply_timeout_s
        if now.monotonic_s < last_s:
            self._open.end_at(last_s, ticket)
            return []
        waiters, opened.waiters = opened.waiters, []
        return [Reply(answer, None) for answer in waiters]

    def _tell(self, ticket: int, entry: ForwardedEntry, now: Now) -> list[Action]:
        """It is known what a request comes to."""
        if not self._open[ticket].is_kept and entry.fate is not Fate.DISCARDED:
            return self._close(ticket, refusal(ResponseCode(entry.response_code)))
        opened = self._leave(ticket)
        entry = entry._replace(at_ms=now.epoch_ms)
        return [Record(opened.number, entry, tuple(opened.waiters))]

    def _close(self, ticket: int, fields: Fields) -> list[Action]:
        """An inquiry is answered."""
        return [Reply(answer, fields) for answer in self._leave(ticket).waiters]

    def _leave(self, ticket: int) -> OpenRequest:
        opened = self._open.close(ticket)
        if opened.has_place:
            self._queue.release()
        return opened

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
