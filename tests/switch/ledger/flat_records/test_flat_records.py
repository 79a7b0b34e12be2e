"""Records as mappings: what a dict does, and what flat memory refuses."""

import shutil
from collections.abc import Callable

import pytest

from switch.ledger import state
from switch.ledger.records import CardRecord, MemberRecord, Status
from tests.switch.ledger import test_ledger_maintenance, test_ledger_state
from tests.switch.ledger.flat_records.stores import (
    HAS_FLAT,
    KINDS,
    Records,
    flat_records,
    stores_with_flat_records,
)

TOKEN, OTHER_TOKEN = b"t" * 16, b"o" * 16
CARD = CardRecord(34, 12, "LOYAL", Status.ACTIVE, 20271231, b"12345678")
MEMBER = MemberRecord(12, "عضو نمونه", "GOLD", Status.ACTIVE, household=7)
each_kind = pytest.mark.parametrize("make", KINDS.values(), ids=KINDS)

# Tests of the plain state that are about records.
OF_THE_STATE: tuple[Callable[[], None], ...] = (
    test_ledger_state.test_records_come_with_transactions_too,
    test_ledger_state.test_cards_in_stock_belong_to_nobody,
    test_ledger_state.test_the_greatest_member_number_is_remembered_after_deletion,
    test_ledger_state.test_uplines_end_in_a_circle,
    test_ledger_state.test_uplines_have_ten_levels,
    test_ledger_state.test_activities_are_those_of_members_and_households,
    test_ledger_maintenance.test_inactive_members_and_households_lose_such_purses,
    test_ledger_maintenance.test_inactivity_is_looked_for_once_a_day,
)


def test_flat_records_are_built_where_there_is_a_compiler() -> None:
    assert HAS_FLAT or shutil.which("cc") is None


@pytest.mark.parametrize("test", OF_THE_STATE, ids=lambda test: test.__name__)
def test_the_state_is_the_same_on_flat_records(
    test: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(state, "empty_stores", stores_with_flat_records)
    test()


@each_kind
def test_records_are_mappings(make: Callable[[], Records]) -> None:
    records = make()
    assert (len(records.cards), list(records.cards), records.cards.get(TOKEN)) == (0, [], None)
    records.cards[TOKEN] = CARD
    records.cards[OTHER_TOKEN] = CARD._replace(pin_check=b"")
    records.members[12] = MEMBER
    assert (records.cards[TOKEN], records.members[12]) == (CARD, MEMBER)
    assert list(records.cards) == [TOKEN, OTHER_TOKEN]
    assert [token for token, _ in records.cards.sorted_items()] == [OTHER_TOKEN, TOKEN]
    assert records.cards.pop(TOKEN) == CARD
    del records.members[12]
    assert (list(records.cards), list(records.members)) == ([OTHER_TOKEN], [])


@each_kind
def test_what_is_not_there_is_a_key_error(make: Callable[[], Records]) -> None:
    records = make()
    for key in (TOKEN, b"", b"t" * 17):
        assert key not in records.cards
        assert records.cards.get(key) is None
        with pytest.raises(KeyError):
            records.cards[key]
        with pytest.raises(KeyError):
            del records.cards[key]
        with pytest.raises(KeyError):
            records.cards.pop(key)
    for number in (12, 0, -1, 1 << 64):
        assert number not in records.members
        assert records.members.get(number) is None
        assert number not in records.last_purchase_s
        with pytest.raises(KeyError):
            records.members[number]
        with pytest.raises(KeyError):
            del records.members[number]
        with pytest.raises(KeyError):
            del records.last_purchase_s[number]
    assert None not in records.cards
    assert "12" not in records.members


@each_kind
def test_texts_that_many_share_are_one_object(make: Callable[[], Records]) -> None:
    records = make()
    records.members[12] = MEMBER
    records.members[13] = MEMBER._replace(number=13)
    assert records.members[12].tier is records.members[13].tier
    assert records.members[12].status is Status.ACTIVE


@each_kind
def test_a_mapping_must_stay_the_same_while_it_is_read(make: Callable[[], Records]) -> None:
    records = make()
    records.cards[TOKEN] = records.cards[OTHER_TOKEN] = CARD
    with pytest.raises(RuntimeError):
        for token in records.cards:
            del records.cards[token]
    seen = []
    for token in records.cards:
        records.cards[token] = CARD._replace(reference=35)
        seen.append(token)
    assert seen == list(records.cards)


def test_a_sorted_reading_ends_when_records_come() -> None:
    for records in flat_records():
        records.members[12] = MEMBER
        with pytest.raises(RuntimeError):
            for number, _ in records.members.sorted_items():
                records.members[number + 1] = MEMBER._replace(number=number + 1)


def test_what_flat_memory_cannot_hold_changes_nothing() -> None:
    for records in flat_records():
        records.cards[TOKEN] = CARD
        records.members[12] = MEMBER
        for card in (
            CARD._replace(reference=1 << 64),
            CARD._replace(reference=-1),
            CARD._replace(expires_on=1 << 32),
            CARD._replace(pin_check=bytes(256)),
        ):
            with pytest.raises((OverflowError, ValueError)):
                records.cards[TOKEN] = card
        for member in (
            MEMBER._replace(segments=1 << 256),
            MEMBER._replace(agreements=-1),
            MEMBER._replace(introducer=1 << 64),
            MEMBER._replace(born_on=1 << 32),
            MEMBER._replace(name="آ" * 20_000),
        ):
            with pytest.raises(OverflowError):
                records.members[12] = member
        with pytest.raises(ValueError, match="key"):
            records.members[13] = MEMBER
        with pytest.raises(ValueError, match="16 bytes"):
            records.cards[b"short"] = CARD
        for number in (0, -1, 1 << 64):
            with pytest.raises((OverflowError, ValueError)):
                records.last_purchase_s[12] = number
        assert dict(records.cards) == {TOKEN: CARD}
        assert dict(records.members) == {12: MEMBER}
        assert dict(records.last_purchase_s) == {}


def test_the_greatest_number_can_be_restored() -> None:
    for records in flat_records():
        records.members[12] = MEMBER
        records.member_number_max = 70
        records.members[13] = MEMBER._replace(number=13)
        assert records.member_number_max == 70


def test_long_names_are_kept_whole() -> None:
    for records in flat_records():
        member = MEMBER._replace(name="آ" * 16_000)
        records.members[12] = member
        records.members[13] = MEMBER._replace(number=13)
        records.members[12] = MEMBER
        records.members[14] = member._replace(number=14)
        assert list(records.members.values()) == [
            MEMBER,
            MEMBER._replace(number=13),
            member._replace(number=14),
        ]
