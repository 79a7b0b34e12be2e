"""Sections of cards, members, purchases, terminals and merchants."""

from array import array
from collections import Counter
from collections.abc import MutableMapping

from switch.ledger.record_columns import (
    TOKEN_BYTES,
    CardColumns,
    MemberColumns,
    cards_of,
    members_of,
)
from switch.ledger.records import Role, Status, TerminalRecord
from switch.ledger.state import State
from switch.ledger.stores import in_order
from switch.snapshot.columns import ColumnFault, ColumnReader, ColumnWriter


def dump_cards(state: State, out: ColumnWriter) -> None:
    """Cards by token."""
    tokens, pin_checks, sizes = bytearray(), bytearray(), array("Q")
    references, holders, statuses, days = array("Q"), array("Q"), array("Q"), array("Q")
    types: list[str] = []
    for token, card in in_order(state.cards):
        tokens += token
        references.append(card.reference)
        holders.append(card.member_number)
        types.append(card.card_type)
        statuses.append(ord(card.status))
        days.append(card.expires_on)
        sizes.append(len(card.pin_check))
        pin_checks += card.pin_check
    out.number(len(references))
    out.raw(tokens)
    out.numbers(references)
    out.numbers(holders)
    out.words(types)
    out.numbers(statuses)
    out.numbers(days)
    out.joined(sizes, pin_checks)


def load_cards(state: State, columns: ColumnReader) -> None:
    """What `dump_cards` wrote, into a state without records."""
    count = columns.count()
    tokens = columns.raw(count * TOKEN_BYTES)
    found = CardColumns(
        tokens,
        columns.numbers(count),
        columns.numbers(count),
        columns.words(count),
        columns.numbers(count),
        columns.numbers(count),
        *columns.joined(count),
    )
    if state.stores.records is None:
        state.cards.update(cards_of(found))
        state.cards_of_member.update(Counter(found.member_numbers))
        state.cards_of_member.pop(0, None)
    else:
        from switch.ledger.flat.restoring import restore_cards  # noqa: PLC0415  (where it was built)

        restore_cards(state.stores.records, found)
    if len(state.cards) != count:
        raise ColumnFault("a card is there twice")


def dump_members(state: State, out: ColumnWriter) -> None:
    """Members by number, after the greatest number of all."""
    numbers, statuses, enrolled_on, born_on = array("Q"), array("Q"), array("Q"), array("Q")
    introducers, introduced_until, households = array("Q"), array("Q"), array("Q")
    names, sizes = bytearray(), array("Q")
    tiers, groups, organisations = list[str](), list[str](), list[str]()
    risk_classes, club_levels, channels = list[str](), list[str](), list[str]()
    segments, agreements = list[int](), list[int]()
    for number, member in in_order(state.members):
        name = member.name.encode()
        numbers.append(number)
        sizes.append(len(name))
        names += name
        tiers.append(member.tier)
        statuses.append(ord(member.status))
        groups.append(member.group)
        organisations.append(member.organisation)
        segments.append(member.segments)
        agreements.append(member.agreements)
        enrolled_on.append(member.enrolled_on)
        born_on.append(member.born_on)
        introducers.append(member.introducer)
        introduced_until.append(member.introduced_until)
        households.append(member.household)
        risk_classes.append(member.risk_class)
        club_levels.append(member.club_level)
        channels.append(member.enrol_channel)
    out.number(state.member_number_max)
    out.number(len(numbers))
    out.numbers(numbers)
    out.joined(sizes, names)
    out.words(tiers)
    out.numbers(statuses)
    out.words(groups)
    out.words(organisations)
    out.sets(segments)
    out.sets(agreements)
    for column in (enrolled_on, born_on, introducers, introduced_until, households):
        out.numbers(column)
    for words in (risk_classes, club_levels, channels):
        out.words(words)


def load_members(state: State, columns: ColumnReader) -> None:
    """What `dump_members` wrote, into a state without members."""
    member_number_max = columns.number()
    count = columns.count()
    found = MemberColumns(
        columns.numbers(count),
        *columns.joined(count),
        columns.words(count),
        columns.numbers(count),
        columns.words(count),
        columns.words(count),
        columns.sets(count),
        columns.sets(count),
        columns.numbers(count),
        columns.numbers(count),
        columns.numbers(count),
        columns.numbers(count),
        columns.numbers(count),
        columns.words(count),
        columns.words(count),
        columns.words(count),
    )
    if state.stores.records is None:
        state.members.update(members_of(found))
    else:
        from switch.ledger.flat.restoring import restore_members  # noqa: PLC0415  (where it was built)

        restore_members(state.stores.records, found)
    if len(state.members) != count or max(found.numbers, default=0) > member_number_max:
        raise ColumnFault("a member is there twice, or has too great a number")
    state.resume(state.position, member_number_max)


def dump_member_texts(state: State, out: ColumnWriter) -> None:
    """What members' receipts say, of the members who have such a text, by number."""
    numbers, texts_fa, texts_en = array("Q"), list[str](), list[str]()
    for number, member in in_order(state.members):
        if member.text_fa or member.text_en:
            numbers.append(number)
            texts_fa.append(member.text_fa)
            texts_en.append(member.text_en)
    out.number(len(numbers))
    out.numbers(numbers)
    out.words(texts_fa)
    out.words(texts_en)


def load_member_texts(state: State, columns: ColumnReader) -> None:
    """What `dump_member_texts` wrote, into a state whose members have no texts."""
    count = columns.count()
    numbers = columns.numbers(count)
    texts_fa, texts_en = columns.words(count).of_records(), columns.words(count).of_records()
    for number, text_fa, text_en in zip(numbers, texts_fa, texts_en, strict=True):
        state.members[number] = state.members[number]._replace(text_fa=text_fa, text_en=text_en)


def dump_purchases(state: State, out: ColumnWriter) -> None:
    """When members last bought something, then households."""
    for part in (state.last_purchase_s, state.last_household_purchase_s):
        numbers, times_s = array("Q"), array("Q")
        for number, at_s in in_order(part):
            numbers.append(number)
            times_s.append(at_s)
        out.number(len(numbers))
        out.numbers(numbers)
        out.numbers(times_s)


def load_purchases(state: State, columns: ColumnReader) -> None:
    """What `dump_purchases` wrote, into a state without purchases."""
    _load_purchases(state, columns, state.last_purchase_s, of_households=False)
    _load_purchases(state, columns, state.last_household_purchase_s, of_households=True)


def _load_purchases(
    state: State, columns: ColumnReader, part: MutableMapping[int, int], *, of_households: bool
) -> None:
    count = columns.count()
    numbers, times_s = columns.numbers(count), columns.numbers(count)
    if state.stores.records is None:
        part.update(zip(numbers, times_s, strict=True))
    else:
        from switch.ledger.flat.restoring import restore_purchases  # noqa: PLC0415  (where it was built)

        restore_purchases(state.stores.records, numbers, times_s, of_households=of_households)
    if len(part) != count:
        raise ColumnFault("a purchase is there twice")


def dump_terminals(state: State, out: ColumnWriter) -> None:
    """Terminals by name, then the merchants in the order of their ordinals."""
    terminals = [record for _, record in in_order(state.terminals)]
    out.number(len(terminals))
    out.texts([record.terminal_id for record in terminals])
    out.words([record.merchant_id for record in terminals])
    out.numbers([record.branch_number for record in terminals])
    out.numbers([record.key_generation for record in terminals])
    for words in (
        [record.role for record in terminals],
        [record.status for record in terminals],
        [record.guild for record in terminals],
        [record.sector for record in terminals],
        [record.city for record in terminals],
    ):
        out.words(words)
    out.number(len(state.merchants))
    out.texts(state.merchants)


def load_terminals(state: State, columns: ColumnReader) -> None:
    """What `dump_terminals` wrote, into a state without terminals."""
    count = columns.count()
    rows = zip(
        columns.texts(count),
        columns.words(count).of_records(),
        columns.numbers(count),
        columns.numbers(count),
        *[columns.words(count).of_records() for _ in range(5)],
        strict=True,
    )
    for name, merchant, branch, generation, role, status, guild, sector, city in rows:
        state.terminals[name] = TerminalRecord(
            name, merchant, branch, generation, Role(role), Status(status), guild, sector, city
        )
    state.merchants.extend(columns.texts(columns.count()))
    state.merchant_ordinals.update({name: place + 1 for place, name in enumerate(state.merchants)})
    if len(state.terminals) != count or len(state.merchant_ordinals) != len(state.merchants):
        raise ColumnFault("a terminal or merchant is there twice")
