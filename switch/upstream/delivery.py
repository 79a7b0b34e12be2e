"""The queue's items over the link: each attempt a request of its own. No I/O."""

from protocol.faults import ProtocolFault
from protocol.message import Message
from protocol.message_type import repeat_of
from switch.authoriser.dates import transmission_text
from switch.upstream.actions import Lane, MuxAction, Now, Outcome, Ticket
from switch.upstream.mux import Multiplexer, MuxRefused
from switch.upstream.saf_types import Change, Item
from switch.upstream.states import RequestPhase
from switch.upstream.store_and_forward import StoreAndForward

REST_S = 1.0


class Delivery:
    """Sends what is due. What comes of it is for the queue file."""

    def __init__(self, mux: Multiplexer, queue: StoreAndForward, reply_timeout_s: float) -> None:
        self._mux = mux
        self._queue = queue
        self._reply_timeout_s = reply_timeout_s

    def pump(self, now: Now) -> tuple[list[MuxAction], list[Change]]:
        """Send what is due and has room in the window."""
        actions: list[MuxAction] = []
        changes: list[Change] = []
        now_s = now.monotonic_s
        for item in self._queue.due(now_s):
            ticket = Ticket(Lane.QUEUE, item.number)
            try:
                message = self._attempt(item, now)
                actions += self._mux.submit(ticket, message, now_s + self._reply_timeout_s)
            except MuxRefused:
                self._queue.put_back(item.number, now_s + REST_S)
            except KeyError:
                changes += self._queue.failed(item.number, "its terminal is no longer set up", now_s)
            except ProtocolFault as fault:
                changes += self._queue.failed(item.number, str(fault), now_s)
        return actions, changes

    def settle(self, outcome: Outcome, now: Now) -> list[Change]:
        """What became of an attempt."""
        number, now_s = outcome.ticket.number, now.monotonic_s
        code = "" if outcome.reply is None else str(outcome.reply.fields[39])
        if outcome.phase is RequestPhase.LATE:
            return self._queue.answered_late(number, code, now_s)
        if outcome.phase is RequestPhase.ANSWERED:
            return self._queue.answered(number, code, now_s)
        reason = "no reply in time" if outcome.phase is RequestPhase.TIMED_OUT else "link lost"
        return self._queue.failed(number, reason, now_s)

    def _attempt(self, item: Item, now: Now) -> Message:
        """A reversal is the same to the partner by what it names, so that each attempt may be a new request;
        an advice is by its identity, so that the next ones are repeats."""
        message = item.message
        if message.mti[1] == "4":
            fresh = {7: transmission_text(now.epoch_ms // 1000), 11: self._mux.take_stan()}
            return Message(message.mti, {**message.fields, **fresh})
        return Message(repeat_of(message.mti), message.fields) if item.attempts else message
