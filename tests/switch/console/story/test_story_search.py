"""Searching a journal on real files: all that fits is found, newest first, page by page, and nothing else."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given

from protocol.dialect import Tag
from switch.console.story import links as links_module
from switch.console.story import search as search_module
from switch.console.story.criteria import Card, Criteria
from switch.console.story.links import Subject, Way, later_links
from switch.console.story.search import Found, search
from switch.console.story.segments import Segments
from switch.journal.entries import (
    ENTRY_VERSION,
    Entry,
    Fate,
    FileActionEntry,
    ForwardedEntry,
    MaintenanceEntry,
    TransactionEntry,
    pack,
    unpack,
)
from switch.journal.format import RawEntry
from switch.journal.writer import Journal
from tests.switch.console.story.written_journal import segments_of, written
from tests.switch.ledger.entry_strategies import entries

START_MS = 1_790_000_000_000
STEP_MS = 250
COUNT = 6000
TOKEN = bytes(range(16))


def sale(number: int, **changes: object) -> TransactionEntry:
    """The sale at a position: three terminals in turn, 500 members, cards of reference 10,000 + member."""
    entry = TransactionEntry(
        at_ms=START_MS + number * STEP_MS, mti="0200", terminal_id=f"T000000{number % 3}",
        stan=number // 3 % 1000, transmitted_s=(START_MS + number * STEP_MS) // 1000, digest=bytes(16),
        processing_code="000000", amount=number * 1000, currency="364", merchant_id="SHOP1", branch_number=1,
        card_reference=10_000 + number % 500, member_number=number % 500, response_code="00",
        approval_code="000001", rule_table_version=1, reverses=0, original_s=0, original_stan=0,
        looked_at_s=START_MS // 1000, concerns=0, net_amount=0, discount=0, tendered=0, hold_until_s=0,
        activity=True, transfers=(), lot_moves=(), counter_moves=(), grants=(), lines=(), line_returns=(),
        record_changes=(), balances=(), reply_tags=(),
    )  # fmt: skip
    return entry._replace(**changes)  # type: ignore[arg-type]


def card_record(number: int) -> FileActionEntry:
    """A card of member 7, given out under another reference."""
    return FileActionEntry(
        START_MS + number * STEP_MS, "HOST0001", number, START_MS // 1000, bytes(16), "1", "CARD", "00",
        TOKEN, ((Tag.MEMBER_NUMBER.value, "000000000007"), (Tag.CARD_REFERENCE.value, "000000077777")),
    )  # fmt: skip


def partners(number: int) -> ForwardedEntry:
    """A sale to a partner's card."""
    return ForwardedEntry(
        START_MS + number * STEP_MS, "0200", "T0000001", 999_999, START_MS // 1000, bytes(16), "000000", 5,
        "364", "SHOP1", 1, Fate.ANSWERED, "00", 0, 0, "partner", "CLUB0001", START_MS // 1000, 17,
        reply_fields=((37, "000000123456"),),
    )  # fmt: skip


def entry_at(position: int) -> Entry:
    special: dict[int, Entry] = {
        11: card_record(11),
        1500: partners(1500),
        4000: sale(4000, reverses=100),
        4001: sale(4001, concerns=100, processing_code="200000"),
        5000: sale(5000, mti="0400", original_s=sale(101).transmitted_s, original_stan=sale(101).stan,
                   terminal_id=sale(101).terminal_id),
    }  # fmt: skip
    return special.get(position) or sale(position)


ENTRIES = [entry_at(position) for position in range(1, COUNT + 1)]


def raw_of(position: int, entry: Entry) -> RawEntry:
    kind, body = pack(entry)
    return RawEntry(position, kind, ENTRY_VERSION, body)


@pytest.fixture(scope="module")
def journal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Journal]:
    raws = [raw_of(position, entry) for position, entry in enumerate(ENTRIES, start=1)]
    made = written(tmp_path_factory.mktemp("journal"), raws, batch_entries=7, segment_bytes=400_000)
    yield made
    made.close()


@pytest.fixture(scope="module")
def segments(journal: Journal) -> Segments:
    return segments_of(journal)


def pages(segments: Segments, criteria: Criteria, limit: int) -> list[Found]:
    async def all_of_them() -> list[Found]:
        found = [await search(segments, criteria, None, limit)]
        while (before := found[-1].next_before) is not None:
            found.append(await search(segments, criteria, before, limit))
            assert len(found) <= COUNT
        return found

    return asyncio.run(all_of_them())


def positions(found: list[Found]) -> list[int]:
    return [match.position for page in found for match in page.matches]


CRITERIA = {
    "stan": Criteria(terminal_id="T0000001", stan=500),
    "terminal": Criteria(terminal_id="T0000002", from_ms=START_MS + 1_400_000),
    "card": Criteria(card=Card(reference=10_007)),
    "token": Criteria(card=Card(token=TOKEN)),
    "card and token": Criteria(card=Card(TOKEN, 10_007)),
    "member": Criteria(member_number=7),
    "member one": Criteria(member_number=1),
    "partner": Criteria(partner_rrn="000000123456"),
    "time": Criteria(from_ms=START_MS + 900_000, until_ms=START_MS + 910_000),
    "member in time": Criteria(member_number=7, from_ms=START_MS + 700_000, until_ms=START_MS + 900_000),
    "older than a key": Criteria(
        terminal_id="T0000001", stan=500, key_max=sale(3000).transmitted_s * 1_000_000
    ),
    "nothing": Criteria(terminal_id="NOBODY"),
}


@pytest.mark.parametrize("limit", [1, 3, 200])
@pytest.mark.parametrize("name", CRITERIA)
def test_all_that_fits_is_found_newest_first(segments: Segments, name: str, limit: int) -> None:
    criteria = CRITERIA[name]
    wanted = [position for position in range(COUNT, 0, -1) if criteria.holds_for(ENTRIES[position - 1])]
    found = pages(segments, criteria, limit)
    assert positions(found) == wanted
    assert wanted or name == "nothing"
    assert all(len(page.matches) <= limit for page in found)


def test_a_time_is_found_without_reading_what_is_far_from_it(segments: Segments) -> None:
    found = pages(segments, CRITERIA["time"], 200)
    assert sum(page.read for page in found) < COUNT / 2


def test_an_answer_reads_a_bounded_part(segments: Segments, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search_module, "READ_MAX", 1000)
    monkeypatch.setattr(search_module, "_SLICE", 300)
    found = pages(segments, Criteria(card=Card(token=TOKEN)), 50)
    assert positions(found) == [11]
    assert len(found) >= COUNT / 1300
    assert all(page.read < 1300 for page in found)


def test_segments_that_are_gone_end_the_search(tmp_path: Path) -> None:
    raws = [raw_of(position, sale(position)) for position in range(1, 2001)]
    journal = written(tmp_path, raws, batch_entries=10, segment_bytes=100_000)
    kept = journal.index.points[len(journal.index.points) // 2]
    first = int(kept.path.stem)
    journal.index.forget_before(first)
    found = pages(segments_of(journal), Criteria(member_number=7), 5)
    assert positions(found) == [position for position in range(2000, first - 1, -1) if position % 500 == 7]
    assert segments_of(journal).at(first - 1) is None
    journal.close()


def test_what_is_not_durable_is_not_found(journal: Journal) -> None:
    early = Segments(journal.index, lambda: 1000)
    assert positions(pages(early, Criteria(member_number=7), 50))[0] == 507
    assert positions(pages(early, Criteria(from_ms=START_MS + 2_000_000), 50)) == []
    assert early.at(1001) is None and early.at(0) is None and early.at(1000) is not None


def test_later_entries_that_name_one_are_found(segments: Segments, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(links_module, "READ_MAX", 2000)

    async def all_links(position: int) -> list[tuple[Way, int]]:
        subject = Subject(position, ENTRIES[position - 1])
        after: int | None = position
        found = []
        while after is not None:
            later = await later_links(segments, subject, after)
            assert later.read_to > after
            found += [(link.way, link.position) for link in later.links]
            after = later.next_after
        return found

    assert asyncio.run(all_links(100)) == [(Way.REVERSES, 4000), (Way.RETURNS, 4001)]
    assert asyncio.run(all_links(101)) == [(Way.REVERSES, 5000)]
    assert asyncio.run(all_links(102)) == []


def test_batches_are_checked_byte_for_byte(tmp_path: Path) -> None:
    raws = [raw_of(position, sale(position)) for position in range(1, 301)]
    journal = written(tmp_path, raws, batch_entries=10, segment_bytes=10_000)
    segments = segments_of(journal)
    hashes = {}
    for position in range(1, 301):
        batch = segments.batch_of(position)
        assert batch.entries_fit and batch.chain_fits
        assert batch.first_position <= position <= batch.last_position
        hashes[batch.first_position] = batch
    assert len({batch.segment for batch in hashes.values()}) > 3
    chosen = hashes[51]
    path = tmp_path / chosen.segment
    content = bytearray(path.read_bytes())
    content[chosen.offset + chosen.size_bytes - 1] ^= 1
    path.write_bytes(content)
    damaged = segments.batch_of(55)
    assert damaged.entries_fit and not damaged.chain_fits
    content[chosen.offset + 100] ^= 1
    path.write_bytes(content)
    damaged = segments.batch_of(55)
    assert not damaged.entries_fit and not damaged.chain_fits
    journal.close()


def own_criteria(entry: Entry) -> Iterator[Criteria]:
    """What an entry could be looked for by."""
    if isinstance(entry, TransactionEntry | FileActionEntry | ForwardedEntry):
        yield Criteria(terminal_id=entry.terminal_id, stan=entry.stan)
    if isinstance(entry, TransactionEntry):
        yield Criteria(member_number=entry.member_number, card=Card(reference=entry.card_reference))
    if isinstance(entry, TransactionEntry | MaintenanceEntry):
        for account in [account for transfer in entry.transfers for account in transfer[1:3]]:
            owner = account >> 8 & (1 << 48) - 1
            yield Criteria(member_number=owner)
            yield Criteria(card=Card(reference=owner))
    if isinstance(entry, FileActionEntry):
        yield Criteria(card=Card(entry.card_token, None))


@given(entries)
def test_no_entry_is_put_aside_that_would_be_it(entry: Entry) -> None:
    raw = raw_of(1, entry)
    back = unpack(raw.kind, raw.version, raw.body)
    for criteria in own_criteria(back):
        if criteria.holds_for(back):
            assert criteria.candidates([raw]) == [raw]
