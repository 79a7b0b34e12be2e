"""Any history of records leaves flat memory and the plain dicts with the same contents."""

import random
from collections.abc import Iterable, Mapping

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from switch.journal.entries import RecordChange
from switch.ledger.directory import Directory
from switch.ledger.records import CardRecord, MemberRecord, Status
from switch.ledger.stores import Engine, empty_stores
from tests.amounts import many
from tests.switch.ledger.flat_records.histories import NO_TOKEN, NUMBERS, TOKENS, Purchase, steps
from tests.switch.ledger.flat_records.stores import Key, SortedMap, Value, flat_records, stores_over

TODAY = 20260101


class Plain:
    """The definition: a directory, and last purchases as the state notes them."""

    def __init__(self) -> None:
        self.directory = Directory(empty_stores(Engine.PYTHON))
        self.last_purchase_s: dict[int, int] = {}
        self.last_household_purchase_s: dict[int, int] = {}

    def buy(self, purchase: Purchase) -> None:
        member = self.directory.members.get(purchase.number)
        subjects = [(self.last_purchase_s, purchase.number)]
        if member is not None and member.household:
            subjects.append((self.last_household_purchase_s, member.household))
        for last_s, number in subjects:
            if purchase.at_s > last_s.get(number, 0):
                last_s[number] = purchase.at_s


def _changed(directory: Directory, change: RecordChange) -> bool:
    """Whether a change was possible."""
    try:
        directory.apply(change.file_name, change.delete, change.card_token, change.record)
    except KeyError:
        return False
    return True


def _play(history: Iterable[RecordChange | Purchase]) -> None:
    for records in flat_records():
        plain = Plain()
        directory = Directory(stores_over(records))
        for step in history:
            if isinstance(step, Purchase):
                plain.buy(step)
                records.note_activity(step.number, step.at_s)
            else:
                assert _changed(directory, step) == _changed(plain.directory, step)
            _check_map(records.cards, plain.directory.cards)
            _check_map(records.members, plain.directory.members)
            _check_map(records.cards_of_member, plain.directory.cards_of_member)
            _check_map(records.last_purchase_s, plain.last_purchase_s)
            _check_map(records.last_household_purchase_s, plain.last_household_purchase_s)
            assert list(directory.digest_parts()) == list(plain.directory.digest_parts())
            assert records.member_number_max == plain.directory.member_number_max
            for token in TOKENS:
                _check_card(records.cards.get(token), records.card_as_found(token))
                assert (token in records.cards) == (token in plain.directory.cards)
            for number in NUMBERS:
                member = plain.directory.members.get(number)
                found = records.member_as_found(number)
                assert (number in records.members) == (member is not None) == (found is not None)
                if member is not None:
                    assert found == (
                        member,
                        plain.last_purchase_s.get(number, 0),
                        plain.last_household_purchase_s.get(member.household, 0),
                    )
                assert directory.uplines(number, TODAY) == plain.directory.uplines(number, TODAY)


def _check_map(flat: SortedMap[Key, Value], plain: Mapping[Key, Value]) -> None:
    assert flat == plain
    assert len(flat) == len(plain)
    assert set(flat) == set(plain)
    assert list(flat.sorted_items()) == sorted(plain.items())


def _check_card(card: CardRecord | None, found: tuple[int, int, str, str, int, int] | None) -> None:
    expected = None
    if card is not None:
        expected = (*card[:3], card.status.value, card.expires_on, len(card.pin_check))
    assert found == expected


@settings(max_examples=many(150), deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(steps, min_size=10, max_size=40))
def test_every_history_leaves_the_same_records(history: list[RecordChange | Purchase]) -> None:
    _play(history)


def test_an_earlier_purchase_sets_no_time_back() -> None:
    member = RecordChange("MEMBER", False, NO_TOKEN, (("DF20", "12"), ("DF48", "7")))
    _play([member, *(Purchase(12, at_s) for at_s in (0, 5, 9, 8, 9, 1 << 32, 10, 0))])


def _random_card(chance: random.Random) -> CardRecord:
    return CardRecord(
        chance.randrange(10**12),
        chance.randrange(2_000),
        chance.choice(("", "LOYAL", "GIFT")),
        chance.choice(tuple(Status)),
        20270000 + chance.randrange(1, 13) * 100 + chance.randrange(1, 29),
        chance.randbytes(chance.choice((0, 0, 3, 8, 8, 16))),
    )


def _random_member(chance: random.Random, number: int) -> MemberRecord:
    has_relations = chance.random() < 0.3
    return MemberRecord(
        number,
        "آ" * chance.randrange(49),
        chance.choice(("", "SILVER", "GOLD")),
        chance.choice((Status.ACTIVE, Status.BLOCKED)),
        segments=chance.getrandbits(chance.choice((0, 3, 8, 256))),
        enrolled_on=chance.choice((0, 20200101)),
        introducer=chance.randrange(10**12) if has_relations else 0,
        household=chance.randrange(400) if has_relations else 0,
        text_fa=chance.choice(("", "هدیه", "تخفیف")),
        text_en=chance.choice(("", "gift", "discount")),
    )


def test_thousands_come_and_go_in_any_order() -> None:
    chance = random.Random(7)
    tokens = [chance.randbytes(16) for _ in range(1_500)]
    for records in flat_records():
        cards: dict[bytes, CardRecord] = {}
        members: dict[int, MemberRecord] = {}
        for step in range(40_000):
            # First it grows, then it shrinks, and so on.
            removes = chance.random() < (0.8 if step // 8_000 % 2 else 0.2)
            token, number = chance.choice(tokens), chance.randrange(1_500)
            if removes:
                assert records.cards.pop(token, None) == cards.pop(token, None)
                assert records.members.pop(number, None) == members.pop(number, None)
            else:
                records.cards[token] = cards[token] = _random_card(chance)
                records.members[number] = members[number] = _random_member(chance, number)
            if step % 2_000 == 1_999:
                assert records.cards == cards
                assert records.members == members
                assert list(records.cards.sorted_items()) == sorted(cards.items())
                assert list(records.members.sorted_items()) == sorted(members.items())


def test_numbers_are_exact_whatever_their_size() -> None:
    edges = (1, 254, 255, 256, (1 << 32) - 2, (1 << 32) - 1, 1 << 32, (1 << 64) - 1)
    chance = random.Random(8)
    for records in flat_records():
        for numbers in (records.cards_of_member, records.last_purchase_s, records.last_household_purchase_s):
            expected: dict[int, int] = {}
            for _ in range(2_000):
                key = chance.choice(NUMBERS)
                if chance.random() < 0.3:
                    assert numbers.pop(key, None) == expected.pop(key, None)
                else:
                    numbers[key] = expected[key] = chance.choice(edges)
                assert dict(numbers) == expected
                assert list(numbers.sorted_items()) == sorted(expected.items())
                assert len(numbers) == len(expected)
