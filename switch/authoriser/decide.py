"""The authoriser's one entrance: what was decided before finds its stored reply, the rest its rules."""

from protocol.dialect import ResponseCode
from switch.authoriser.dates import CLOCK_AHEAD_MAX_S
from switch.authoriser.decision import Decision, refusal, reply_of
from switch.authoriser.file_action import decide_file_action
from switch.authoriser.purchase import decide_inquiry, decide_purchase
from switch.authoriser.request import FileAction, Identity, Inquiry, Purchase, Request
from switch.authoriser.reversal import decide_reversal
from switch.journal.entries import RuleTableEntry, unpack
from switch.ledger.records import Role
from switch.ledger.state import State
from switch.rules.table import RuleTable


def decide(state: State, table: RuleTable, request: Request, now_ms: int) -> Decision:
    """Decide a request of a known terminal that has signed on and proved itself by its MAC.

    `table` decides what is earned and spent; `now_ms` is the switch's time, epoch milliseconds. Changes
    nothing: the caller journals the decision's entry and gives it to `State.apply`.
    """
    identity = request.identity
    terminal = state.terminal(identity.terminal_id)
    if terminal is None or (isinstance(request, FileAction) and terminal.role != Role.HOST):
        return refusal(ResponseCode.NOT_PERMITTED_TO_TERMINAL)
    if isinstance(request, Inquiry):
        return decide_inquiry(state, table, request, terminal)
    known = _decided_before(state, identity)
    if known is not None:
        return known
    if identity.transmitted_s > now_ms // 1000 + CLOCK_AHEAD_MAX_S:
        return refusal(ResponseCode.INVALID_TRANSACTION)
    if isinstance(request, Purchase):
        return decide_purchase(state, table, request, terminal, now_ms)
    if isinstance(request, FileAction):
        return decide_file_action(state, request, now_ms)
    return decide_reversal(state, request, terminal, now_ms)


def _decided_before(state: State, identity: Identity) -> Decision | None:
    """What a known, reversed or possibly forgotten identity gets; None for a new one."""
    window = state.window(identity.terminal_id)
    if window is None:
        return None
    key = identity.key
    remembered = window.find(key)
    undone_by = window.undone_by(key)
    if remembered is None:
        if undone_by is not None:
            return refusal(ResponseCode.NO_ACTION_TAKEN, undone_by)
        if window.is_forgotten(key):
            return refusal(ResponseCode.DUPLICATE_TRANSMISSION)
        return None
    entry = unpack(remembered.kind, remembered.version, remembered.body)
    if isinstance(entry, RuleTableEntry) or entry.digest != identity.digest:
        return refusal(ResponseCode.DUPLICATE_TRANSMISSION)
    if undone_by is not None:
        return refusal(ResponseCode.NO_ACTION_TAKEN, remembered.position)
    return Decision(None, reply_of(remembered.position, entry), is_repeat=True)
