"""Journal entries and their bytes."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from switch.journal.entries import (
    ENTRY_VERSION,
    Entry,
    EntryFault,
    EntryKind,
    ForwardedEntry,
    GrantRecord,
    LotMove,
    MaintenanceEntry,
    RecordChange,
    TransactionEntry,
    Transfer,
    pack,
    transfer_number,
    transfer_position,
    unpack,
)
from switch.journal.entries import Reason as TransferReason
from switch.rules.facts import Line
from switch.rules.outcome import EffectType, GrantReason, Party, ReturnPolicy
from tests.amounts import many
from tests.switch.ledger.book import BLANK
from tests.switch.ledger.entry_strategies import entries, forwarded, transactions

SAMPLE = BLANK._replace(
    card_reference=0,
    member_number=12,
    merchant_id="فروشگاه",
    transfers=(Transfer(91, 1, 2, 3, TransferReason.EARN),),
    lot_moves=(LotMove(0, 2, 0, 9, 3),),
    lines=(Line("sku", "food", ("a", "b"), 2, 300),),
    record_changes=(RecordChange("MEMBER", False, bytes(16), (("DF05", "عضو نمونه"), ("DF42", b"\x05"))),),
    balances=((91, -3), (92, 7)),
    reply_tags=(("DF05", "Sample member"),),
)


@settings(max_examples=many(300), deadline=None)
@given(entries)
def test_entries_come_back_from_their_bytes(entry: Entry) -> None:
    kind, body = pack(entry)
    found = unpack(kind, ENTRY_VERSION, body)
    assert found == entry
    assert type(found) is type(entry)
    assert pack(found) == (kind, body)


@settings(max_examples=many(150), deadline=None)
@given(transactions)
def test_replay_sees_all_that_changes_state(entry: TransactionEntry) -> None:
    kind, body = pack(entry)
    seen = unpack(kind, ENTRY_VERSION, body, for_replay=True)
    assert seen == entry._replace(grants=(), lines=(), balances=(), reply_tags=())


@settings(max_examples=many(100), deadline=None)
@given(forwarded)
def test_replay_sees_no_reply_of_a_partner(entry: ForwardedEntry) -> None:
    kind, body = pack(entry)
    assert unpack(kind, ENTRY_VERSION, body, for_replay=True) == entry._replace(
        reply_fields=(), reply_tags=()
    )


@settings(max_examples=many(100), deadline=None)
@given(entries, st.data())
def test_cut_off_bytes_are_refused(entry: Entry, data: st.DataObject) -> None:
    kind, body = pack(entry)
    cut = body[: data.draw(st.integers(0, len(body) - 1))]
    if kind == EntryKind.RULE_TABLE and len(cut) >= 12:
        return  # how long a table is only the table knows
    with pytest.raises(EntryFault):
        unpack(kind, ENTRY_VERSION, cut)


def test_every_cut_of_a_transaction_is_refused() -> None:
    kind, body = pack(SAMPLE)
    assert unpack(kind, ENTRY_VERSION, body) == SAMPLE
    for end in range(len(body)):
        with pytest.raises(EntryFault, match="malformed"):
            unpack(kind, ENTRY_VERSION, body[:end])
    with pytest.raises(EntryFault, match="malformed"):
        unpack(kind, ENTRY_VERSION, body + b"\0")


@pytest.mark.parametrize("kind", list(EntryKind))
@pytest.mark.parametrize("version", [0, 1, 3, 255])
def test_other_versions_are_refused(kind: EntryKind, version: int) -> None:
    with pytest.raises(EntryFault, match=f"version {version}"):
        unpack(kind, version, pack(SAMPLE)[1])


@pytest.mark.parametrize("kind", [0, max(EntryKind) + 1, 255])
def test_unknown_kinds_are_refused(kind: int) -> None:
    with pytest.raises(EntryFault, match=f"kind {kind} is unknown"):
        unpack(kind, ENTRY_VERSION, b"")


def test_bytes_of_unknown_meaning_are_refused() -> None:
    kind, body = pack(MaintenanceEntry(1, SAMPLE.transfers, (), ()))
    transfer = body.index(bytes((91,)))
    for offset in (25, 27):  # reason and stage
        damaged = bytearray(body)
        damaged[transfer + offset] = 99
        with pytest.raises(EntryFault, match="KeyError"):
            unpack(kind, ENTRY_VERSION, bytes(damaged))


def test_what_has_no_room_is_not_packed() -> None:
    for entry in (
        SAMPLE._replace(transfers=SAMPLE.transfers * 256),
        SAMPLE._replace(merchant_id="x" * 256),
        SAMPLE._replace(record_changes=(RecordChange("CARD", False, b"", ()),)),
    ):
        with pytest.raises(ValueError, match=r"transfers|range|16 bytes"):
            pack(entry)


def test_a_wish_beyond_all_bounds_is_kept_as_the_greatest() -> None:
    grant = GrantRecord(
        "R-1",
        1,
        0,
        EffectType.EARN,
        91,
        Party.MEMBER,
        12,
        10**30,
        5,
        GrantReason.RULE_CAP,
        10**20,
        0,
        0,
        9,
        "",
        ReturnPolicy.PRO_RATA,
        True,
        False,
    )
    kind, body = pack(SAMPLE._replace(grants=(grant,)))
    found = unpack(kind, ENTRY_VERSION, body)
    assert isinstance(found, TransactionEntry)
    assert found.grants == (grant._replace(desired=(1 << 63) - 1, basis=(1 << 63) - 1),)


def test_transfer_numbers_name_entry_and_place() -> None:
    numbers = {transfer_number(position, index) for position in (1, 2, 300) for index in (0, 1, 254)}
    assert len(numbers) == 9
    assert {transfer_position(number) for number in numbers} == {1, 2, 300}
