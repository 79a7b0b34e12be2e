"""Any journal entry, within what fields of the wire and the rules can hold."""

from hypothesis import strategies as st

from protocol.dialect import Tag
from switch.journal.entries import (
    Effect,
    Entry,
    Fate,
    FileActionEntry,
    ForwardedEntry,
    GrantRecord,
    LotMove,
    MaintenanceEntry,
    OrderEntry,
    Outcome,
    Reason,
    RecordChange,
    RuleTableEntry,
    Stage,
    TransactionEntry,
    Transfer,
)
from switch.rules.facts import Line
from switch.rules.outcome import (
    NEVER_S,
    CounterKey,
    CounterMove,
    EffectType,
    GrantReason,
    Party,
    ReturnPolicy,
)

_wide = st.integers(0, (1 << 64) - 1)
_amounts = st.integers(0, 10**12)
_signed = st.integers(-(10**15), 10**15)
_times = st.one_of(st.just(NEVER_S), st.integers(0, 1 << 33))
_bytes = st.integers(0, 255)
_words = st.text(max_size=20)
_codes = st.text(st.characters(codec="ascii", exclude_characters="\0"), max_size=8)
_tokens = st.binary(min_size=16, max_size=16)
_tags = st.sampled_from([tag.value for tag in Tag])

_transfers = st.builds(
    Transfer,
    _bytes,
    _wide,
    _wide,
    _amounts,
    st.sampled_from(Reason),
    _bytes,
    st.sampled_from(Stage),
    _wide,
    _wide,
)
_lot_moves = st.builds(LotMove, _bytes, _wide, _times, _times, _signed)
_grants = st.builds(
    GrantRecord,
    rule_id=_words,
    version=st.integers(0, 1 << 31),
    effect_index=st.integers(0, 1 << 15),
    type=st.sampled_from(EffectType),
    purse=_bytes,
    party=st.sampled_from(Party),
    number=_wide,
    desired=st.integers(0, (1 << 63) - 1),
    granted=_amounts,
    reason=st.sampled_from(GrantReason),
    basis=st.integers(0, (1 << 63) - 1),
    lines=_wide,
    available_from_s=_times,
    expires_at_s=_times,
    reference=_words,
    on_return=st.sampled_from(ReturnPolicy),
    allow_negative=st.booleans(),
    restore_budget=st.booleans(),
)
_counter_moves = st.builds(
    CounterMove,
    st.builds(CounterKey, _words, _wide, st.integers(0, 1 << 40), st.integers(0, (1 << 32) - 1)),
    _signed,
    st.booleans(),
    st.booleans(),
)
_lines = st.builds(
    Line, _words, _words, st.lists(_words, max_size=4).map(tuple), st.integers(1, 10**6), _amounts
)
_records = st.lists(
    st.tuples(_tags, st.one_of(st.text(max_size=200), st.binary(max_size=300))), max_size=5
).map(tuple)
_changes = st.builds(RecordChange, st.sampled_from(["CARD", "MEMBER"]), st.booleans(), _tokens, _records)


def _digits(width: int) -> st.SearchStrategy[str]:
    return st.integers(0, 10**width - 1).map(lambda number: f"{number:0{width}d}")


transactions = st.builds(
    TransactionEntry,
    at_ms=_wide,
    mti=_digits(4),
    terminal_id=_codes,
    stan=st.integers(0, 999_999),
    transmitted_s=_wide,
    digest=_tokens,
    processing_code=_digits(6),
    amount=_amounts,
    currency=_digits(3),
    merchant_id=_words,
    branch_number=st.integers(0, 999_999),
    card_reference=st.one_of(st.none(), _amounts),
    member_number=st.one_of(st.none(), _amounts),
    response_code=_digits(2),
    approval_code=st.one_of(st.just(""), _digits(6)),
    rule_table_version=st.integers(0, 1 << 31),
    reverses=_wide,
    original_s=_wide,
    original_stan=st.integers(0, 999_999),
    looked_at_s=_times,
    concerns=_wide,
    net_amount=_amounts,
    discount=_amounts,
    tendered=_amounts,
    hold_until_s=_times,
    activity=st.booleans(),
    transfers=st.lists(_transfers, max_size=4).map(tuple),
    lot_moves=st.lists(_lot_moves, max_size=4).map(tuple),
    counter_moves=st.lists(_counter_moves, max_size=3).map(tuple),
    grants=st.lists(_grants, max_size=3).map(tuple),
    lines=st.lists(_lines, max_size=3).map(tuple),
    line_returns=st.lists(st.tuples(st.integers(0, 63), _amounts), max_size=3).map(tuple),
    record_changes=st.lists(_changes, max_size=2).map(tuple),
    balances=st.lists(st.tuples(_bytes, _signed), max_size=6).map(tuple),
    reply_tags=st.lists(st.tuples(_tags, st.text(max_size=300)), max_size=4).map(tuple),
    part_returns=st.lists(st.tuples(st.integers(0, (1 << 16) - 1), _amounts), max_size=3).map(tuple),
)
file_actions = st.builds(
    FileActionEntry,
    at_ms=_wide,
    terminal_id=_codes,
    stan=st.integers(0, 999_999),
    transmitted_s=_wide,
    digest=_tokens,
    action=st.sampled_from("13"),
    file_name=_words,
    response_code=_digits(2),
    card_token=_tokens,
    record=_records,
)
rule_tables = st.builds(RuleTableEntry, _wide, st.integers(0, 1 << 31), st.binary())
maintenances = st.builds(
    MaintenanceEntry,
    _wide,
    st.lists(_transfers, max_size=4).map(tuple),
    st.lists(_lot_moves, max_size=4).map(tuple),
    st.lists(_wide, max_size=4).map(tuple),
)
_any_tags = st.lists(
    st.tuples(
        st.text("0123456789ABCDEF", min_size=4, max_size=4), st.text(max_size=99) | st.binary(max_size=99)
    ),
    max_size=4,
).map(tuple)
forwarded = st.builds(
    ForwardedEntry,
    at_ms=_wide,
    mti=_digits(4),
    terminal_id=_codes,
    stan=st.integers(0, 999_999),
    transmitted_s=_wide,
    digest=_tokens,
    processing_code=_digits(6),
    amount=_amounts,
    currency=_digits(3),
    merchant_id=_words,
    branch_number=st.integers(0, 999_999),
    fate=st.sampled_from(Fate),
    response_code=_digits(2),
    original_s=_wide,
    original_stan=st.integers(0, 999_999),
    partner=_words,
    partner_terminal_id=_codes,
    partner_s=_wide,
    partner_stan=st.integers(0, 999_999),
    net_amount=_amounts,
    discount=_amounts,
    tendered=_amounts,
    voids_hold=st.booleans(),
    reply_fields=st.lists(st.tuples(_bytes, st.text(max_size=60)), max_size=3).map(tuple),
    reply_tags=_any_tags,
)
orders = st.builds(
    OrderEntry,
    at_ms=_wide,
    person=_words,
    role=_words,
    order=_words,
    arguments=st.lists(st.tuples(_words, _words), max_size=4).map(tuple),
    outcome=st.sampled_from(Outcome),
    told=_words,
    began=_wide,
    effect=st.sampled_from(Effect),
    subject=st.binary(max_size=40),
    number=st.integers(0, 9999),
)
entries: st.SearchStrategy[Entry] = st.one_of(
    transactions, file_actions, rule_tables, maintenances, forwarded, orders
)
