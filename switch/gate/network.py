"""Network management (0800): sign-on, sign-off, echo, key change and cut-over of one switch's links."""

from collections.abc import Callable, Mapping

from protocol.dialect import NetworkCode, ResponseCode, Tag
from protocol.message import Message, Value
from protocol.security.faults import SecurityFault, SecurityFaultCode
from switch.authoriser.cut_over import decide_cut_over
from switch.authoriser.dates import switch_time_text
from switch.fleet.health import HealthBook, HealthFault
from switch.gate.details import tag_fault
from switch.gate.link import LinkState
from switch.gate.session import KeyChanges
from switch.gate.translate import FieldFault
from switch.journal.entries import Entry
from switch.keyring import Keyring
from switch.ledger.records import TerminalRecord
from switch.ledger.state import State
from switch.metrics.store import Metrics

_OF_SIGNED_ON = (NetworkCode.ECHO, NetworkCode.KEY_CHANGE, NetworkCode.CUT_OVER)

Fields = dict[int, Value]
Tags = Mapping[str, Value]


class NetworkManagement:
    """Answers what a terminal asks of its link; `journal` stages and applies an entry."""

    def __init__(
        self,
        state: State,
        counters: Metrics,
        keyring: Keyring,
        health: HealthBook,
        journal: Callable[[Entry], None],
    ) -> None:
        self._state = state
        self._counters = counters
        self._key_changes = KeyChanges(keyring.terminal_key)
        self._health = health
        self._journal = journal

    def answer(
        self, link: LinkState, terminal: TerminalRecord, message: Message, now_ms: int, monotonic_s: float
    ) -> Fields:
        """Own fields of the response to a message that its terminal really sent. Raises FieldFault."""
        code = ResponseCode.APPROVED
        terminal_id, network_code = terminal.terminal_id, message.text(70)
        key_change: Tags = {}
        if network_code in _OF_SIGNED_ON and not link.serves(terminal_id):
            self._counters.not_signed_on += 1
            code = ResponseCode.NOT_PERMITTED_TO_TERMINAL
        elif network_code == NetworkCode.SIGN_ON:
            code = self._sign_on(link, terminal_id)
        elif network_code == NetworkCode.SIGN_OFF:
            link.sign_off(terminal_id, monotonic_s)
        elif network_code == NetworkCode.KEY_CHANGE:
            code, key_change = self._change_keys(link, terminal, message, now_ms, int(monotonic_s * 1000))
        elif network_code == NetworkCode.CUT_OVER:
            code = self._cut_over(terminal, message, now_ms)
        elif network_code == NetworkCode.ECHO:
            self._counters.echoes += 1
            self._note_health(terminal_id, message, now_ms)
        else:
            code = ResponseCode.INVALID_TRANSACTION
        self._counters.answered(message.mti, None, code)
        tags: dict[str, Value] = {
            Tag.SWITCH_TIME.value: switch_time_text(now_ms),
            Tag.RULE_TABLE_VERSION.value: f"{self._state.rule_table_version:08d}",
            **key_change,
        }
        return {39: code.value, 48: tags}

    def _sign_on(self, link: LinkState, terminal_id: str) -> ResponseCode:
        self._counters.sign_ons += 1
        if not link.permits(terminal_id):
            return ResponseCode.NOT_PERMITTED_TO_TERMINAL
        return ResponseCode.APPROVED if link.sign_on(terminal_id) else ResponseCode.EXCEEDS_LIMIT

    def _change_keys(
        self, link: LinkState, terminal: TerminalRecord, message: Message, now_ms: int, monotonic_ms: int
    ) -> tuple[ResponseCode, Tags]:
        try:
            tags = self._key_changes.answer(link.sessions, terminal, _tags(message), now_ms, monotonic_ms)
        except SecurityFault as fault:
            if fault.code is SecurityFaultCode.BAD_KEY_EXCHANGE:
                raise tag_fault(Tag.SESSION_COUNTER) from None
            return ResponseCode.SECURITY_VIOLATION, {}
        self._counters.key_changes += 1
        return ResponseCode.APPROVED, tags

    def _cut_over(self, terminal: TerminalRecord, message: Message, now_ms: int) -> ResponseCode:
        if 15 not in message.fields:
            raise FieldFault("15")
        code, entry = decide_cut_over(self._state, terminal, message.text(15), now_ms)
        if entry is not None:
            self._journal(entry)
        return code

    def _note_health(self, terminal_id: str, message: Message, now_ms: int) -> None:
        record = _tags(message).get(Tag.HEALTH)
        if isinstance(record, bytes):
            try:
                self._health.note(terminal_id, record, now_ms)
            except HealthFault:
                raise tag_fault(Tag.HEALTH) from None


def _tags(message: Message) -> Tags:
    return message.tags(48) if 48 in message.fields else {}
