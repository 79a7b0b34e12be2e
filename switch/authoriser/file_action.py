"""File actions: card, member and terminal records, set or deleted by a host; rule tables are handed over."""

from protocol.dialect import FileName, FileUpdateCode, ResponseCode, Tag
from switch.authoriser.decision import Decision, Reply, refusal, reply_of
from switch.authoriser.enrolment import holds_anything
from switch.authoriser.holder import GIFT_CARD_TYPE
from switch.authoriser.request import FileAction
from switch.journal.entries import DIGEST_BYTES, FileActionEntry
from switch.ledger.records import (
    RecordFault,
    Role,
    Status,
    TagMap,
    card_record,
    member_record,
    subject_number,
    terminal_key,
    terminal_record,
)
from switch.ledger.state import FILE_CHANGED, State

_NO_CARD = bytes(DIGEST_BYTES)
_OF_RECORDS = (FileUpdateCode.ADD_OR_REPLACE, FileUpdateCode.DELETE)
_OF_RULES = (FileUpdateCode.ADD_OR_REPLACE, FileUpdateCode.INQUIRE)


def decide_file_action(state: State, request: FileAction, now_ms: int) -> Decision:
    """Decide a file action of a host. One that changes nothing isn't journaled.

    Rule tables come in many messages and take seconds to prepare: see `switch.publication`.
    """
    if request.file_name == FileName.RULES and request.action in _OF_RULES:
        return Decision(None, Reply(ResponseCode.APPROVED), is_handed_over=True)
    code = _response_code(state, request)
    if code not in FILE_CHANGED:
        return refusal(code)
    entry = FileActionEntry(
        at_ms=now_ms,
        terminal_id=request.identity.terminal_id,
        stan=request.identity.stan,
        transmitted_s=request.identity.transmitted_s,
        digest=request.identity.digest,
        action=request.action,
        file_name=request.file_name,
        response_code=code,
        card_token=request.card_token or _NO_CARD,
        record=request.record,
    )
    return Decision(entry, reply_of(state.position + 1, entry))


def _response_code(state: State, request: FileAction) -> ResponseCode:
    tags = dict(request.record)
    if request.action not in _OF_RECORDS:
        return ResponseCode.INVALID_TRANSACTION
    deletes = request.action == FileUpdateCode.DELETE
    try:
        if request.file_name == FileName.CARD:
            return _card(state, request.card_token, tags, deletes)
        if request.file_name == FileName.MEMBER:
            return _delete_member(state, tags) if deletes else _set_member(state, tags)
        if request.file_name == FileName.TERMINAL:
            return _terminal(state, request.identity.terminal_id, tags, deletes)
    except RecordFault:
        return ResponseCode.FILE_FIELD_EDIT_ERROR
    return ResponseCode.INVALID_TRANSACTION


def _card(state: State, token: bytes | None, tags: TagMap, deletes: bool) -> ResponseCode:
    if token is None:
        return ResponseCode.FILE_FIELD_EDIT_ERROR
    if deletes:
        return ResponseCode.APPROVED if token in state.cards else ResponseCode.RECORD_NOT_FOUND
    card = card_record(tags)
    if card.member_number == 0:
        # In stock, or a gift card, which holds what is on it itself.
        if card.status != Status.NEW and card.card_type != GIFT_CARD_TYPE:
            return ResponseCode.FILE_FIELD_EDIT_ERROR
    elif card.member_number not in state.members:
        return ResponseCode.RECORD_NOT_FOUND
    return _set(token in state.cards)


def _set_member(state: State, tags: TagMap) -> ResponseCode:
    return _set(member_record(tags).number in state.members)


def _delete_member(state: State, tags: TagMap) -> ResponseCode:
    """A member who still has cards or balances stays: the ledger would owe to nobody."""
    number = subject_number(tags, Tag.MEMBER_NUMBER)
    if number not in state.members:
        return ResponseCode.RECORD_NOT_FOUND
    if holds_anything(state, number) or state.cards_of_member.get(number):
        return ResponseCode.NO_ACTION_TAKEN
    return ResponseCode.APPROVED


def _terminal(state: State, sender_id: str, tags: TagMap, deletes: bool) -> ResponseCode:
    if deletes:
        subject_id = terminal_key(tags)
        if subject_id not in state.terminals:
            return ResponseCode.RECORD_NOT_FOUND
        return ResponseCode.FILE_FIELD_EDIT_ERROR if subject_id == sender_id else ResponseCode.APPROVED
    record = terminal_record(tags)
    # A host that takes its own rights away could never give them back.
    if record.terminal_id == sender_id and (record.role != Role.HOST or record.status != Status.ACTIVE):
        return ResponseCode.FILE_FIELD_EDIT_ERROR
    return _set(record.terminal_id in state.terminals)


def _set(replaces: bool) -> ResponseCode:
    return ResponseCode.RECORD_REPLACED if replaces else ResponseCode.APPROVED
