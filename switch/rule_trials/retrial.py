"""A purchase of a journal decided again: its request as far as the journal tells it, by any rule table."""

import itertools
from collections.abc import Iterator
from typing import NamedTuple

from protocol.dialect import FileName, Tag, TransactionType, purse_of
from switch.authoriser.context import Context
from switch.authoriser.holder import Holder
from switch.authoriser.purchase import decide_purchase
from switch.authoriser.request import Details, Financial, Identity, PinState, Step
from switch.journal.entries import Entry, FileActionEntry, RecordTags, TransactionEntry
from switch.ledger.records import TerminalRecord
from switch.ledger.state import State
from switch.rules.outcome import CounterView, EffectType
from switch.rules.table import RuleTable

_STEPS = {"0200": Step.FINANCIAL, "0220": Step.ADVICE}
_APPROVED = "00"


class Case(NamedTuple):
    """Everything about a journaled purchase but the rules: who, where, when, and what was asked."""

    entry: TransactionEntry
    request: Financial
    terminal: TerminalRecord
    holder: Holder


class CardTokens:
    """Tokens of cards by the reference under which transactions tell them."""

    def __init__(self) -> None:
        self._tokens: dict[int, bytes] = {}

    def know(self, state: State) -> None:
        """Learn all cards of a state."""
        for token, card in state.cards.items():
            self._tokens[card.reference] = token

    def note(self, entry: Entry) -> None:
        """Learn from an entry."""
        if isinstance(entry, FileActionEntry):
            self._put(entry.file_name, entry.card_token, entry.record)
        elif isinstance(entry, TransactionEntry):
            for change in entry.record_changes:
                self._put(change.file_name, change.card_token, change.record)

    def token(self, reference: int) -> bytes | None:
        """The card that had the reference last."""
        return self._tokens.get(reference)

    def _put(self, file_name: str, card_token: bytes, record: RecordTags) -> None:
        reference = dict(record).get(Tag.CARD_REFERENCE)
        if file_name == FileName.CARD and isinstance(reference, str):
            self._tokens[int(reference)] = card_token


def is_purchase(entry: Entry) -> bool:
    """Whether an entry is a purchase, or the completion of a hold; the hold itself moves nothing."""
    return (
        isinstance(entry, TransactionEntry)
        and entry.mti in _STEPS
        and entry.processing_code.startswith(TransactionType.PURCHASE)
    )


def cases_of(state: State, entry: TransactionEntry, tokens: CardTokens) -> Iterator[Case]:
    """What may have been asked, the likeliest first: a journal keeps what a wish came to, not the wish.

    `state` is as it was before the entry. None at all where its card, member or terminal isn't known.
    """
    terminal = state.terminal(entry.terminal_id)
    holder = _holder(state, entry, tokens)
    if terminal is None or holder is None:
        return
    terminal = terminal._replace(branch_number=entry.branch_number)
    for pin, reward, (amount, units) in itertools.product(_pins(entry), _rewards(entry), _tenders(entry)):
        details = Details(
            tender_amount=amount,
            tender_units=units,
            original_rrn=entry.concerns,
            reward=reward,
            lines=entry.lines,
        )
        request = Financial(
            Identity(entry.terminal_id, entry.stan, entry.transmitted_s, entry.digest),
            step=_STEPS[entry.mti],
            processing_code=entry.processing_code,
            amount=entry.amount,
            currency=entry.currency,
            merchant_id=entry.merchant_id,
            entry_mode="",
            card_token=None,
            member_number=entry.member_number,
            details=details,
            pin=pin,
        )
        yield Case(entry, request, terminal, holder)


def decided(
    state: State, case: Case, version: int, table: RuleTable, counters: CounterView
) -> TransactionEntry:
    """What a table decides about a case on the ledger as it stands; nothing is changed."""
    entry = case.entry
    now_s = entry.at_ms // 1000
    context = Context(
        state=state,
        table=table,
        table_version=version,
        request=case.request,
        terminal=case.terminal,
        holder=case.holder,
        holder_fault=None,
        now_ms=entry.at_ms,
        looked_at_s=entry.looked_at_s,
        balances=case.holder.balances(state, table, now_s),
        counters=counters,
    )
    found = decide_purchase(context).entry
    assert isinstance(found, TransactionEntry)  # noqa: S101  (tells the type checker)
    return found


def is_same(one: TransactionEntry, other: TransactionEntry) -> bool:
    """Whether two decisions about a purchase come to the same."""
    return (
        one.response_code == other.response_code
        and (one.net_amount, one.discount, one.tendered) == (other.net_amount, other.discount, other.tendered)
        and one.transfers == other.transfers
        and one.counter_moves == other.counter_moves
    )


def _holder(state: State, entry: TransactionEntry, tokens: CardTokens) -> Holder | None:
    card = None
    if entry.card_reference is not None:
        token = tokens.token(entry.card_reference)
        card = None if token is None else state.cards.get(token)
        if card is None or card.reference != entry.card_reference:
            return None
    member = None
    if entry.member_number is not None:
        member = state.members.get(entry.member_number)
        if member is None:
            return None
    return None if card is None and member is None else Holder(card, member)


def _pins(entry: TransactionEntry) -> tuple[PinState, ...]:
    """A PIN matters only where a rule wants one: who was approved had it."""
    return (PinState.ABSENT, PinState.RIGHT) if entry.response_code == _APPROVED else (PinState.ABSENT,)


def _rewards(entry: TransactionEntry) -> tuple[str, ...]:
    """None, or a rule that took or gave something for it."""
    rules = [grant.rule_id for grant in entry.grants if grant.granted]
    return ("", *dict.fromkeys(rules)) if entry.response_code == _APPROVED else ("",)


def _tenders(entry: TransactionEntry) -> tuple[tuple[int | None, int | None], ...]:
    """Rial and units asked to be paid from the purse: all, the amount that was paid, or the units."""
    units = next((grant.granted for grant in entry.grants if grant.type == EffectType.TENDER), None)
    if not purse_of(entry.processing_code) or units is None:
        return ((None, None),)
    named: tuple[tuple[int | None, int | None], ...] = ((entry.tendered, None), (None, units))
    return ((None, None), *named) if entry.net_amount == 0 or entry.concerns else named
