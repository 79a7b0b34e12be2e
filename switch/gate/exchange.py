"""What one payload of a link leads to: the pipeline from bytes to a sealed reply, without I/O.

Decode, terminal, MAC, sign-on, fields, decision, journal entry. Entries gather in `staged` until the batch is
committed; the state already holds them, which is safe as no reply leaves before they are durable.
"""

import logging
from collections import deque
from typing import TYPE_CHECKING, NamedTuple

from protocol.codec import view_codec
from protocol.codec.view import View
from protocol.dialect import ResponseCode
from protocol.faults import ProtocolFault
from protocol.framing import frame
from protocol.message import Message, Value
from protocol.message_type import is_response
from protocol.security.mac import Mac
from protocol.spec import SpecDocument
from switch.authoriser.cut_over import cut_over_due
from switch.authoriser.decide import decide, is_inquiry
from switch.authoriser.decision import Decision
from switch.authoriser.request import FileAction, Financial, Request, Reversal
from switch.downloads.desk import FILES, FileDesk, FileInquiry
from switch.fleet.health import HealthBook
from switch.gate.deferred import Deferred
from switch.gate.forwarding import Forwarded, Forwarding
from switch.gate.link import LinkState
from switch.gate.network import NetworkManagement
from switch.gate.translate import (
    FieldFault,
    check_fields,
    fields_of_reply,
    request_of,
    with_business_day,
)
from switch.journal.entries import ENTRY_VERSION, Entry, EntryKind, ForwardedEntry, pack
from switch.journal.format import RawEntry, pack_entry
from switch.keyring import Keyring
from switch.ledger.maintenance import due
from switch.ledger.records import Status, TerminalRecord
from switch.ledger.requests import is_known, request_key
from switch.ledger.state import State
from switch.ledger.stores import Engine
from switch.metrics.labels import Step
from switch.metrics.store import Metrics
from switch.publication.candidate import Candidate
from switch.publication.preparation import Preparation
from switch.publication.publisher import Inquiry, Publisher, Task
from switch.rules.evaluator import evaluator_of
from switch.rules.table import RuleTable

if TYPE_CHECKING:
    from switch.gate.flat.desk import FlatDesk

_LOG = logging.getLogger("switch.gate")
_REQUEST_CLASSES = ("1", "2", "3", "4", "5")

# So many transfers fit an entry, and take about a millisecond.
MAINTENANCE_TRANSFERS_MAX = 200

Fields = dict[int, Value]


class Now(NamedTuple):
    """Time of a batch: the switch's clock in epoch milliseconds, the monotonic clock in seconds."""

    epoch_ms: int
    monotonic_s: float


class LinkRefused(Exception):  # noqa: N818  (not an error of ours)
    """The link must be closed; the text says why and may be logged."""


class Exchange:
    """Serves payloads of all links against one state."""

    def __init__(
        self,
        spec: SpecDocument,
        state: State,
        keyring: Keyring,
        counters: Metrics,
        *,
        cut_over_minute: int = 0,
        forwarding: Forwarding | None = None,
        candidate: Candidate | None = None,
        downloads: FileDesk | None = None,
        health: HealthBook | None = None,
    ) -> None:
        """`cut_over_minute` is when a business day ends, counted from local midnight; `candidate` are rules
        that only look on; `downloads` has files for terminals."""
        self._spec = spec
        self._codec = view_codec(spec)
        self._state = state
        self._keyring = keyring
        self._counters = counters
        self._cut_over_minute = cut_over_minute
        self._forwarding = forwarding
        self._desk = desk_of(state, keyring, counters, forwarding)
        self._candidate = candidate
        self._publisher = Publisher(state, self.journal, self.make_ready)
        self._downloads = FileDesk(None) if downloads is None else downloads
        self._network = NetworkManagement(
            state, counters, keyring, HealthBook() if health is None else health, self.journal
        )
        self.staged: list[bytes] = []

    def serve_plain_purchases(
        self, link: LinkState, frames: deque[bytes], limit: int, now: Now, replies: list[bytes]
    ) -> int:
        """Serve payloads from the left of `frames`, at most `limit`, as long as the compiled core can.

        Appends their framed replies and returns how many they are: none without a compiled core. The payload
        that is then in front is for `serve`.
        """
        if self._desk is None or not frames:
            return 0
        limit = min(limit, len(frames))
        candidate = self._candidate
        if candidate is None:
            return self._desk.serve(link, frames, limit, now, self.staged, replies)
        # What the candidate looks at goes the plain way.
        limit = min(limit, candidate.left)
        served = self._desk.serve(link, frames, limit, now, self.staged, replies) if limit else 0
        candidate.passed(served)
        return served

    def serve(self, link: LinkState, payload: bytes, now: Now) -> bytes | Forwarded | Deferred | None:
        """The framed reply to a payload, what another switch is to decide, what takes work first, or None
        where there's nobody to answer.

        Raises LinkRefused.
        """
        started_ns = self._counters.clock_ns() if self._counters.samples_one() else 0
        try:
            view = self._codec.view(payload)
            message = view.message()
            terminal_id = message.text(41)
            if is_response(message.mti):
                raise FieldFault("mti")
        except (ProtocolFault, FieldFault, KeyError) as fault:
            self._counters.format_faults += 1
            _LOG.warning("not a request: %s", fault)
            if link.fault():
                raise LinkRefused("too many format faults") from None
            return None
        terminal = self._state.terminal(terminal_id)
        if terminal is None:
            self._counters.unknown_terminals += 1
            if link.terminals:  # a concentrator's other terminals needn't suffer
                _LOG.warning("unknown terminal %r", terminal_id)
                return None
            raise LinkRefused(f"unknown terminal {terminal_id!r}")
        own = self._keyring.mac(terminal)
        if terminal_id in link.sessions:
            mac = link.sessions.verify(terminal, own, message, payload, _milliseconds(now))
        else:
            mac = own if own.verify(payload) else None
        if mac is None:
            self._counters.mac_failures += 1
            _LOG.warning("wrong MAC of terminal %r", terminal_id)
            # By its own key: it may have lost its session, and must be able to tell.
            return self._sealed(view, self._refused(message, ResponseCode.SECURITY_VIOLATION), own)
        if terminal.status != Status.ACTIVE:
            return self._sealed(view, self._refused(message, ResponseCode.NOT_PERMITTED_TO_TERMINAL), mac)
        decoded_ns = self._counters.sampled(Step.DECODE, started_ns) if started_ns else 0
        answer = self._answer(link, terminal, message, payload, now)
        if isinstance(answer, Financial | Reversal):

            def seal(own: Fields) -> bytes:
                return self._sealed_late(view, message, own, mac)

            return Forwarded(message, answer, terminal, seal)
        if isinstance(answer, Preparation | Inquiry):
            task = answer

            def finish(then: Now) -> bytes:
                reply = self._publisher.finish(task, then.epoch_ms)
                own = fields_of_reply(message.mti, reply, self._state.rule_table.purses)
                return self._sealed_late(view, message, own, mac)

            return Deferred(task.work, finish)
        if isinstance(answer, FileInquiry):
            inquiry = answer

            def tell(_: Now) -> bytes:
                own = fields_of_reply(message.mti, self._downloads.finish(inquiry), {})
                return self._sealed_late(view, message, own, mac)

            return Deferred(inquiry.work, tell)
        reply = self._sealed(view, answer, mac)
        if decoded_ns:
            self._counters.sampled(Step.DECIDE, decoded_ns)
        return reply

    def make_ready(self, table: RuleTable, version: int) -> None:
        """Make what decides by a table that is or becomes this version; it takes a while, in any thread."""
        evaluator_of(table)
        if self._desk is not None:
            self._desk.prepare(table, version)

    def journal(self, entry: Entry, packed: tuple[EntryKind, bytes] | None = None) -> None:
        """Stage an entry for the next commit and apply it. `packed` is what `pack` gives, if it is there."""
        kind, body = packed or pack(entry)
        raw = RawEntry(self._state.position + 1, kind, ENTRY_VERSION, body)
        self.staged.append(pack_entry(kind, ENTRY_VERSION, body))
        self._state.apply(raw, entry)

    def cut_over(self, now_ms: int) -> None:
        """Journal the end of the business day where its time has come."""
        entry = cut_over_due(self._state, now_ms, self._cut_over_minute)
        if entry is not None:
            self.journal(entry)

    def maintain(self, now: Now) -> None:
        """Journal what has fallen due by time alone, a bounded part at a time: a cut-over, expired points and
        holds."""
        self._publisher.forget_abandoned(now.monotonic_s)
        self.cut_over(now.epoch_ms)
        entry = due(self._state, now.epoch_ms // 1000, MAINTENANCE_TRANSFERS_MAX)
        if entry is not None:
            self._counters.maintenance_entries += 1
            self.journal(entry)

    def take_staged(self) -> list[bytes]:
        """Hand over the entries since the last call."""
        staged, self.staged = self.staged, []
        self._counters.entries += len(staged)
        return staged

    def _answer(
        self, link: LinkState, terminal: TerminalRecord, message: Message, payload: bytes, now: Now
    ) -> Fields | Financial | Reversal | Task | FileInquiry:
        """Own fields of the response to a message that its terminal really sent; the request itself where
        another switch decides it, the task where there's something to be done first."""
        terminal_id = terminal.terminal_id
        try:
            if message.mti[1] == "8":
                check_fields(self._spec, message)
                return self._network.answer(link, terminal, message, now.epoch_ms, now.monotonic_s)
            if not link.serves(terminal_id):
                self._counters.not_signed_on += 1
                return self._refused(message, ResponseCode.NOT_PERMITTED_TO_TERMINAL)
            if message.mti[1] not in _REQUEST_CLASSES:
                return self._refused(message, ResponseCode.INVALID_TRANSACTION)
            check_fields(self._spec, message)
            request = request_of(
                message,
                payload,
                self._keyring,
                now.epoch_ms,
                terminal=terminal,
                pin_checks=self._pin_check,
            )
        except FieldFault as fault:
            self._counters.format_faults += 1
            _LOG.warning("terminal %r sent a wrong or no field %s", terminal_id, fault)
            return self._refused(message, ResponseCode.FORMAT_ERROR)
        if isinstance(request, FileAction) and request.file_name in FILES:
            return self._download(message, request)
        foreign = self._foreign(message, request)
        if foreign is not None:
            return foreign
        try:
            decision = decide(self._state, self._state.rule_table, request, now.epoch_ms)
        except Exception:  # nothing has changed yet, so one bad request needn't stop the others
            self._counters.malfunctions += 1
            _LOG.exception("a request of terminal %r could not be decided", terminal_id)
            return self._refused(message, ResponseCode.SYSTEM_MALFUNCTION)
        if decision.is_handed_over and isinstance(request, FileAction):
            taken = self._publisher.take(request, now.monotonic_s)
            if isinstance(taken, Preparation | Inquiry):
                return taken
            decision = Decision(None, taken)
        if self._candidate is not None:
            self._candidate.look(self._state, request, decision.entry, now.epoch_ms)
        if decision.entry is not None:
            self.journal(decision.entry)
        self._count(message, decision)
        own = fields_of_reply(message.mti, decision.reply, self._state.rule_table.purses)
        position = decision.repeats if decision.entry is None else self._state.position
        return with_business_day(own, message.mti, position, self._state.business)

    def _download(self, message: Message, request: FileAction) -> Fields | FileInquiry:
        taken = self._downloads.take(request)
        if isinstance(taken, FileInquiry):
            return taken
        self._counters.answered(message.mti, None, taken.response_code)
        return fields_of_reply(message.mti, taken, {})

    def _foreign(self, message: Message, request: Request) -> Fields | Financial | Reversal | None:
        """The request itself where another switch decides it, or its refusal; None for one of ours."""
        forwarding = self._forwarding
        if forwarding is None or not isinstance(request, Financial | Reversal):
            return None
        window = self._state.window(request.identity.terminal_id)
        asks = isinstance(request, Financial) and is_inquiry(request.processing_code)
        if not asks and window is not None and is_known(window, request.identity.key):
            return None  # it gets its stored reply, or hears that there is none
        if isinstance(request, Financial):
            card = None if request.card_token is None else self._state.cards.get(request.card_token)
            card_type = "" if card is None else card.card_type
            return request if forwarding.claims(message, request, card_type) else None
        if forwarding.claims(message, request, ""):
            return request
        original = request_key(request.original_s, request.original_stan)
        position = None if window is None else window.find(original)
        if position is None:
            is_lost = forwarding.may_have_forgotten(request)
        else:
            is_lost = isinstance(self._state.find_entry(position), ForwardedEntry)
        return self._refused(message, ResponseCode.RECORD_NOT_FOUND) if is_lost else None

    def _pin_check(self, card_token: bytes) -> bytes:
        card = self._state.cards.get(card_token)
        return b"" if card is None else card.pin_check

    def _sealed_late(self, request: View, message: Message, own: Fields, mac: Mac) -> bytes:
        self._counters.answered(message.mti, message.fields.get(3), str(own[39]))
        return self._sealed(request, own, mac)

    def _sealed(self, request: View, own: Fields, mac: Mac) -> bytes:
        try:
            return frame(request.respond(own, mac))
        except ProtocolFault as fault:
            self._counters.malfunctions += 1
            _LOG.error("a response could not be written: %s", fault)
            return frame(request.respond(_refusal(ResponseCode.SYSTEM_MALFUNCTION), mac))

    def _refused(self, message: Message, code: ResponseCode) -> Fields:
        self._counters.answered(message.mti, message.fields.get(3), code)
        return _refusal(code)

    def _count(self, message: Message, decision: Decision) -> None:
        if decision.repeats:
            self._counters.duplicates += 1
            return
        response_code = decision.reply.response_code
        if response_code == ResponseCode.DUPLICATE_TRANSMISSION:
            self._counters.duplicate_conflicts += 1
        self._counters.answered(message.mti, message.fields.get(3), response_code)


def desk_of(
    state: State, keyring: Keyring, counters: Metrics, forwarding: Forwarding | None = None
) -> "FlatDesk | None":
    """What serves plain purchases of a state with flat stores, if it has such; not those that `forwarding`
    claims."""
    if state.stores.engine == Engine.PYTHON or keyring.token_mac.compiled is None:
        return None
    from switch.gate.flat.desk import FlatDesk  # noqa: PLC0415  (it is there only where it was built)

    return FlatDesk(state, keyring, counters, forwarding)


def _refusal(code: ResponseCode) -> Fields:
    return {39: code.value}


def _milliseconds(now: Now) -> int:
    return int(now.monotonic_s * 1000)
