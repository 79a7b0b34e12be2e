"""Cards at the counter: activation of gift cards, instant issue, enrolment, replacement; and undoing them.

A card of the shop's stock is known to the switch before it is handed out, as NEW and without a member.
"""

from protocol.dialect import FileName, Processing, PurseCode, ResponseCode, Tag, TransactionType
from switch.authoriser.context import Context
from switch.authoriser.decision import Decision
from switch.authoriser.draft import Outlay, approve, decline
from switch.authoriser.holder import GIFT_CARD_TYPE, Holder
from switch.authoriser.request import Step
from switch.journal.entries import NO_GRANT, TOKEN_BYTES, Reason, RecordChange, TransactionEntry
from switch.ledger.accounts import member_account
from switch.ledger.posting import Overflow
from switch.ledger.records import CardRecord, MemberRecord, Role, Status, card_record
from switch.ledger.state import State
from switch.rules.outcome import NEVER_S

PHONE_CARD_TYPE = "PHONE"
_COUNTER = "counter"
# Members that the club's hosts enrol have numbers up to this; those of the counter have numbers above it.
LAST_HOST_NUMBER = 900_000_000_000
_LAST_NUMBER = 999_999_999_999  # twelve digits
_NO_CARD = bytes(TOKEN_BYTES)


def decide_enrolment(context: Context, processing: Processing) -> Decision:
    """Decide what happens to a card at the counter."""
    request = context.request
    if request.step == Step.AUTHORISATION or request.card_token is None:
        return decline(context, ResponseCode.INVALID_TRANSACTION)
    card = context.holder.card
    if card is None:
        return decline(context, ResponseCode.INVALID_CARD_NUMBER)
    if processing.type == TransactionType.CARD_REPLACEMENT:
        return _replace(context, request.card_token, card)
    if card.status != Status.NEW:
        return decline(context, ResponseCode.NO_ACTION_TAKEN)
    if card.card_type == GIFT_CARD_TYPE:
        if processing.type == TransactionType.ENROLMENT:
            return decline(context, ResponseCode.INVALID_TRANSACTION)
        return _activate_gift_card(context, request.card_token, card)
    return _issue(context, request.card_token, card)


def _activate_gift_card(context: Context, token: bytes, card: CardRecord) -> Decision:
    """Activate a gift card, with its first load where the message has an amount."""
    active = card._replace(status=Status.ACTIVE)
    context = context._replace(holder=Holder(active, None))
    posting = context.posting()
    if context.request.amount:
        purse = int(PurseCode.GIFT)
        if purse not in context.table.purses:
            return decline(context, ResponseCode.INVALID_TRANSACTION)
        try:
            posting.earn(
                context.merchant_account(purse),
                context.account(purse),
                context.request.amount,
                Reason.LOAD,
                NO_GRANT,
                0,
                NEVER_S,
            )
        except Overflow:
            return decline(context, ResponseCode.EXCEEDS_LIMIT)
    return approve(context, posting, Outlay(record_changes=(card_change(token, active),)))


def _issue(context: Context, token: bytes, card: CardRecord) -> Decision:
    """Bind a stock card to a new member, nameless at instant issue; a phone number becomes a card too."""
    state, details = context.state, context.request.details
    phone = details.phone_token
    if phone is not None and phone in state.cards:
        return decline(context, ResponseCode.NO_ACTION_TAKEN)
    number = max(state.member_number_max, LAST_HOST_NUMBER) + 1
    if number > _LAST_NUMBER:
        return decline(context, ResponseCode.NO_ACTION_TAKEN)
    changes = [
        RecordChange(
            FileName.MEMBER.value,
            False,
            _NO_CARD,
            (
                (Tag.MEMBER_NUMBER.value, f"{number:012d}"),
                (Tag.MEMBER_NAME.value, details.member_name),
                (Tag.STATUS.value, Status.ACTIVE.value),
                (Tag.ENROL_CHANNEL.value, _COUNTER),
            ),
        ),
        card_change(token, card._replace(status=Status.ACTIVE, member_number=number)),
    ]
    if phone is not None:
        changes.append(card_change(phone, _phone_card(number)))
    member = MemberRecord(number, details.member_name, "", Status.ACTIVE)
    context = context._replace(holder=Holder(card._replace(member_number=number), member))
    return approve(context, context.posting(), Outlay(record_changes=tuple(changes)))


def _replace(context: Context, token: bytes, card: CardRecord) -> Decision:
    """A stock card takes the place of a member's card, which is blocked. A phone number stays what it is."""
    state = context.state
    new_token = context.request.details.new_card_token
    new_card = None if new_token is None else state.cards.get(new_token)
    if new_token is None or new_card is None:
        return decline(context, ResponseCode.INVALID_CARD_NUMBER)
    if new_card.status != Status.NEW or new_card.card_type == GIFT_CARD_TYPE:
        return decline(context, ResponseCode.NO_ACTION_TAKEN)
    member = context.holder.member
    if member is None or card.status == Status.NEW:
        return decline(context, ResponseCode.INVALID_CARD_NUMBER)
    # A blocked card may be a stolen one; why a member is blocked only the club knows.
    if context.terminal.role != Role.HOST:
        if card.status != Status.ACTIVE:
            return decline(context, ResponseCode.RESTRICTED_CARD)
        if member.status != Status.ACTIVE:
            return decline(context, ResponseCode.NOT_PERMITTED_TO_CARDHOLDER)
    changes = [card_change(new_token, new_card._replace(status=Status.ACTIVE, member_number=member.number))]
    if card.card_type != PHONE_CARD_TYPE:
        changes.append(card_change(token, card._replace(status=Status.BLOCKED)))
    return approve(context, context.posting(), Outlay(record_changes=tuple(changes)))


def undo_changes(state: State, original: TransactionEntry) -> tuple[RecordChange, ...] | None:
    """Record changes that take an original's back; None where its new member holds something already."""
    undone = []
    for change in original.record_changes:
        if change.file_name == FileName.MEMBER:
            number = int(dict(change.record)[Tag.MEMBER_NUMBER.value])
            if number not in state.members or holds_anything(state, number):
                return None
            undone.append(change._replace(delete=True))
            continue
        card = card_record(dict(change.record))
        if card.card_type == PHONE_CARD_TYPE:
            undone.append(change._replace(delete=True))
        elif card.status == Status.BLOCKED:
            undone.append(card_change(change.card_token, card._replace(status=Status.ACTIVE)))
        else:
            undone.append(card_change(change.card_token, card._replace(status=Status.NEW, member_number=0)))
    # Cards first: a member leaves only when no card is theirs any more.
    return tuple(sorted(undone, key=lambda change: change.file_name == FileName.MEMBER))


def holds_anything(state: State, member_number: int) -> bool:
    """Whether a purse of a member has anything in it, or owes."""
    return any(
        state.accounts.posted(member_account(member_number, purse)) for purse in state.rule_table.purses
    )


def card_change(token: bytes, card: CardRecord) -> RecordChange:
    """The change that sets a card's record."""
    record: list[tuple[str, str | bytes]] = [
        (Tag.CARD_REFERENCE.value, f"{card.reference:012d}"),
        (Tag.MEMBER_NUMBER.value, f"{card.member_number:012d}"),
        (Tag.CARD_TYPE.value, card.card_type),
        (Tag.STATUS.value, card.status.value),
    ]
    if card.expires_on:
        record.append((Tag.EXPIRES_ON.value, f"{card.expires_on:08d}"))
    if card.pin_check:
        record.append((Tag.PIN_CHECK.value, card.pin_check))
    return RecordChange(FileName.CARD.value, False, token, tuple(record))


def _phone_card(member_number: int) -> CardRecord:
    return CardRecord(0, member_number, PHONE_CARD_TYPE, Status.ACTIVE)
