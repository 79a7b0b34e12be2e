"""An image holds a state, whichever engine has it; one that was changed is refused, whatever was changed."""

import struct
import zlib
from functools import partial
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from switch.journal.entries import LotMove, Reason, RecordChange, RuleTableEntry
from switch.journal.format import HASH_BYTES
from switch.ledger.business_day import Upload
from switch.ledger.posting import Posting
from switch.ledger.requests import REMEMBERED_REQUESTS
from switch.ledger.state import State
from switch.ledger.stores import Engine
from switch.rules.outcome import CounterKey, CounterMove
from switch.snapshot.faults import SnapshotDamaged, SnapshotVersionUnknown
from switch.snapshot.image import FORMAT_VERSION, HEADER_BYTES, load_image, unpack_header
from switch.snapshot.making import NO_HOST
from tests.amounts import many
from tests.switch.ledger.book import (
    DAY_S,
    LIABILITY,
    MEMBER,
    OTHER,
    SHOP,
    START_S,
    Book,
    day,
    packed_table,
)
from tests.switch.ledger.flat_records.histories import Purchase, steps
from tests.switch.snapshot.images import (
    ENGINES,
    PATH,
    each_engine,
    header_of,
    image_of,
    loaded,
    passed_on,
    resealed,
)

WIDE = (1 << 64) - 1


def earn(available_from_s: int, expires_at_s: int, posting: Posting) -> None:
    posting.earn(LIABILITY, MEMBER, 100, Reason.EARN, 0, available_from_s, expires_at_s)


def busy_book() -> Book:
    """A little of everything that a state can hold."""
    book = Book()
    names = (("DF20", "000000000011"), ("DF05", "عضو نمونه"), ("DF06", "GOLD"), ("DF48", "000000000007"))
    card = (("DF29", "000000000034"), ("DF20", "000000000011"), ("DF24", "LOYAL"), ("DF51", b"12345678"))
    shop = (("DF28", "T1"), ("DF22", "SHOP1"), ("DF23", "000007"), ("DF25", "0001"), ("DF26", "T"))
    for change in (
        RecordChange("MEMBER", False, bytes(16), names),
        RecordChange("CARD", False, b"\x01" * 16, card),
        RecordChange("TERMINAL", False, bytes(16), (*shop, ("DF21", "A"))),
    ):
        book.transact(record_changes=(change,))
    moves = tuple(
        CounterMove(CounterKey(name, subject, window, START_S // DAY_S + 3), 5, False, False)
        for name, subject, window in (("CAP", 11, 1), ("BUDGET", 0, 0), ("CAP", 22, 1))
    )
    for expires, begins in ((day(3), 0), (day(5), 0), (day(5), day(1))):
        book.transact(
            partial(earn, begins, expires),
            activity=True,
            member_number=11,
            counter_moves=moves,
        )
    book.transact(lambda posting: posting.earn(LIABILITY, OTHER, 7, Reason.EARN, 0, 0, day(2)))
    sale = book.transact(lambda posting: posting.spend(MEMBER, SHOP, 60, Reason.SPEND, 0))
    book.transact(processing_code="200000", amount=10, concerns=sale, line_returns=((1, 10),))
    book.transact(mti="0400", reverses=sale, original=(book.now_s, book.stan - 1))
    book.transact(lambda posting: posting.hold(MEMBER, SHOP, 5, Reason.SPEND), hold_until_s=day(1))
    upload = book.state.business.open_day.uploads["T1"] = Upload()
    upload.seen, upload.met, upload.differences = {3, START_S * 1_000_000}, {1, 2}, 2
    book.take(RuleTableEntry(book.now_s * 1000, 2, packed_table(name="another")))
    return book


def test_everything_comes_back() -> None:
    book = busy_book()
    state = book.state
    for found in passed_on(state):
        assert found.holds == state.holds
        assert dict(found.returns) == dict(state.returns) != {}
        assert dict(found.cards) == dict(state.cards)
        assert dict(found.members) == dict(state.members)
        assert found.terminals == state.terminals
        assert dict(found.last_household_purchase_s) == dict(state.last_household_purchase_s) != {}
        assert list(found.counters.items()) == list(state.counters.items()) != []
        assert [table.table.packed for table in found.tables.kept] == [
            table.table.packed for table in state.tables.kept
        ]
        mine, theirs = found.business.open_day, state.business.open_day
        assert mine.totals("T1") == theirs.totals("T1")
        assert mine.uploads["T1"].seen == theirs.uploads["T1"].seen


def test_no_part_of_the_state_is_forgotten() -> None:
    """Whoever gives the state another part must think of images, or of why it has no place in them."""
    rebuilt = {"_host", "_directory", "stores", "find_older", "recent", "fold", "inactive_accounts"}
    of_sections = {"accounts", "lots", "counters", "holds", "returns", "windows", "tables", "business"}
    of_records = {"cards", "cards_of_member", "members", "last_purchase_s", "last_household_purchase_s"}
    of_places = {"terminals", "merchants", "merchant_ordinals", "orders"}
    assert vars(State(NO_HOST)).keys() == rebuilt | of_sections | of_records | of_places | {"position"}


def test_a_state_without_anything_comes_back() -> None:
    for engine in ENGINES:
        passed_on(State(NO_HOST, engine))


@settings(max_examples=many(150), deadline=None)
@given(st.lists(steps, max_size=30))
def test_any_records_come_back(history: list[RecordChange | Purchase]) -> None:
    state = State(NO_HOST, ENGINES[-1])
    for step in history:
        if isinstance(step, Purchase):
            state._note_activity(step.number, step.at_s)
        elif not step.delete or step.file_name == "CARD" or int(str(step.record[0][1])) in state.members:
            state._directory.apply(step.file_name, step.delete, step.card_token, step.record)
    for found in passed_on(state):
        assert dict(found.cards) == dict(state.cards)
        assert dict(found.members) == dict(state.members)


@each_engine
def test_a_window_forgets_as_before(engine: Engine) -> None:
    state = State(NO_HOST, engine)
    window = state.window_of("T1")
    for number in range(1, REMEMBERED_REQUESTS + 300):
        window.remember(number * 7, number, is_counted=number % 3 == 0)
        if number % 5 == 0:
            window.undo(number * 7 - number % 2, number)
    for found in (state, *passed_on(state)):
        again = found.window_of("T1")
        for number in range(1, 700):
            again.remember((1 << 40) + number, number)
        assert again.digest() == state.window_of("T1").digest()
        assert again.floor == state.window_of("T1").floor


@each_engine
def test_the_widest_numbers_come_back(engine: Engine) -> None:
    state = State(NO_HOST, engine)
    key = CounterKey("COUNTER", WIDE, -(1 << 63), (1 << 32) - 1)
    state.counters.apply([CounterMove(key, -(1 << 63), False, False)])
    state.lots.apply(
        [
            LotMove(0, WIDE, 0, 0, -(1 << 62)),
            LotMove(0, WIDE, 1 << 33, 1 << 34, 1 << 62),
            LotMove(0, 1, 0, 5, 1),
        ]
    )
    for found in passed_on(state):
        assert found.counters.value(key) == -(1 << 63)


@each_engine
def test_every_flipped_bit_is_noticed(engine: Engine) -> None:
    data = image_of(busy_book().state)
    for place in range(len(data)):
        for bit in range(8):
            flipped = bytearray(data)
            flipped[place] ^= 1 << bit
            with pytest.raises(SnapshotDamaged, match=PATH.name):
                load_image(bytes(flipped), PATH, NO_HOST, engine)


def test_every_other_length_is_noticed() -> None:
    data = image_of(busy_book().state)
    for size in range(len(data)):
        with pytest.raises(SnapshotDamaged):
            loaded(data[:size], Engine.PYTHON)
    for more in (b"\0", bytes(HASH_BYTES), data):
        with pytest.raises(SnapshotDamaged):
            loaded(data + more, Engine.PYTHON)


@each_engine
def test_content_that_does_not_fit_together_is_refused_though_its_hash_agrees(engine: Engine) -> None:
    """As a fault of the software that wrote it could leave it: a fault or another state, and nothing else."""
    data = image_of(busy_book().state)
    refused = 0
    for place in range(HEADER_BYTES, len(data) - HASH_BYTES):
        for change in (1, 0x80, 0xFF):
            changed = bytearray(data)
            changed[place] ^= change
            try:
                loaded(resealed(bytes(changed)), engine).digest()
            except SnapshotDamaged:
                refused += 1
    assert refused > len(data) // 2


def test_sections_must_all_be_there_once() -> None:
    data = image_of(busy_book().state)
    offset, ends = HEADER_BYTES, [HEADER_BYTES]
    while offset < len(data) - HASH_BYTES:
        offset += 12 + struct.unpack_from(">4sQ", data, offset)[1]
        ends.append(offset)
    for start, end in pairwise(ends):
        for changed in (data[:start] + data[end:], data[:end] + data[start:]):
            with pytest.raises(SnapshotDamaged, match="section"):
                loaded(resealed(changed), Engine.PYTHON)


@pytest.mark.parametrize(("version", "lacking"), [(2, (b"TEXT",)), (1, (b"ORDR", b"TEXT"))])
def test_images_of_older_versions_have_no_texts_and_no_orders(
    version: int, lacking: tuple[bytes, ...]
) -> None:
    state = busy_book().state
    data = bytearray(image_of(state))
    for name in lacking:
        offset = HEADER_BYTES
        while not data.startswith(name, offset):
            offset += 12 + struct.unpack_from(">4sQ", data, offset)[1]
        del data[offset : offset + 12 + struct.unpack_from(">4sQ", data, offset)[1]]
    with pytest.raises(SnapshotDamaged, match=f"{lacking[0].decode()} is missing"):
        loaded(resealed(bytes(data)), Engine.PYTHON)
    struct.pack_into(">H", data, 8, version)
    struct.pack_into(">I", data, HEADER_BYTES - 4, zlib.crc32(data[: HEADER_BYTES - 4]))
    assert loaded(resealed(bytes(data)), Engine.PYTHON).digest() == state.digest()


def test_texts_of_members_come_back() -> None:
    state = busy_book().state
    before = state.digest()
    number, member = next(iter(state.members.items()))
    state.members[number] = member._replace(text_fa="هدیه", text_en="a gift")
    assert state.digest() != before
    for found in passed_on(state):
        assert found.members[number].text_en == "a gift"
        assert dict(found.members) == dict(state.members)


def test_a_version_that_is_not_known_is_refused() -> None:
    data = bytearray(image_of(busy_book().state))
    assert unpack_header(bytes(data), PATH) == header_of(busy_book().state)
    struct.pack_into(">H", data, 8, FORMAT_VERSION + 1)
    with pytest.raises(SnapshotVersionUnknown, match=f"version {FORMAT_VERSION + 1} is unknown"):
        loaded(resealed(bytes(data)), Engine.PYTHON)
