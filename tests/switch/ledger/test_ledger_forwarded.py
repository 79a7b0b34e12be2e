"""Forwarded requests in the state: remembered and counted like our own, and nothing else of them."""

from hypothesis import given, settings
from hypothesis import strategies as st

from switch.journal.entries import Entry, Fate, ForwardedEntry, TransactionEntry, pack, unpack
from switch.journal.format import RawEntry
from switch.ledger.requests import request_key
from switch.ledger.state import State
from tests.amounts import many
from tests.switch.ledger.book import BLANK, HOST, START_S, Book
from tests.switch.snapshot.images import ENGINES, passed_on

SALE = ForwardedEntry(
    at_ms=START_S * 1000,
    mti="0200",
    terminal_id="T1",
    stan=1,
    transmitted_s=START_S,
    digest=bytes(16),
    processing_code="000000",
    amount=1000,
    currency="364",
    merchant_id="SHOP1",
    branch_number=7,
    fate=Fate.ANSWERED,
    response_code="00",
    original_s=0,
    original_stan=0,
    partner="sister",
    partner_terminal_id="CLUB0001",
    partner_s=START_S,
    partner_stan=5,
    net_amount=900,
    discount=100,
    reply_fields=((37, "000000000123"),),
)
UNDOES = SALE._replace(
    mti="0400", stan=2, fate=Fate.UNDOES, original_s=START_S, original_stan=1, net_amount=0, discount=0
)


def counted(state: State) -> tuple[int, int, int, int]:
    """Debits and their reversals: numbers, then amounts."""
    found = state.business.open_day.totals("T1")
    return (
        found.debits_number,
        found.debits_reversal_number,
        found.debits_amount,
        found.debits_reversal_amount,
    )


def test_a_sale_is_remembered_and_counted_and_moves_nothing() -> None:
    book = Book()
    books_before = (book.state.accounts.digest(), book.state.lots.digest(), book.state.returns.digest())
    position = book.take(SALE)
    window = book.state.window("T1")
    assert window is not None
    key = request_key(START_S, 1)
    assert (window.find(key), window.is_counted(key), window.undone_by(key)) == (position, True, None)
    assert counted(book.state) == (1, 0, 1000, 0)
    assert book.state.find_entry(position) == SALE
    reversal = book.take(UNDOES)
    assert (window.undone_by(key), window.find(request_key(START_S, 2))) == (reversal, reversal)
    book.take(UNDOES._replace(stan=3))
    assert counted(book.state) == (1, 1, 1000, 1000)
    assert window.undone_by(key) == reversal
    after = (book.state.accounts.digest(), book.state.lots.digest(), book.state.returns.digest())
    assert after == books_before


def test_what_counts_for_nothing() -> None:
    for changed in (
        {"response_code": "51"},
        {"fate": Fate.REFUSED, "response_code": "91"},
        {"fate": Fate.TAKEN_BACK, "response_code": "91"},
        {"mti": "0100"},
        {"amount": 0},
        {"currency": "840"},
        {"processing_code": "310000"},
        {"voids_hold": True},
    ):
        book = Book()
        entry = SALE._replace(**changed)
        position = book.take(entry)
        book.take(UNDOES)
        window = book.state.window("T1")
        assert window is not None
        assert window.find(request_key(START_S, 1)) == position
        assert counted(book.state) == (0, 0, 0, 0), changed


def test_a_letter_given_up_changes_nothing_of_what_the_terminal_was_told() -> None:
    book = Book()
    position = book.take(SALE._replace(mti="0220", fate=Fate.STORED))
    book.take(SALE._replace(mti="0220", fate=Fate.DISCARDED))
    window = book.state.window("T1")
    assert window is not None
    assert window.find(request_key(START_S, 1)) == position
    assert counted(book.state) == (1, 0, 1000, 0)


def test_a_reversal_before_its_sale_counts_neither() -> None:
    book = Book()
    book.take(UNDOES)
    book.take(SALE._replace(fate=Fate.TAKEN_BACK, response_code="21"))
    assert counted(book.state) == (0, 0, 0, 0)


_stans = st.integers(1, 12)
_forwarded = st.builds(
    lambda stan, fate, code, mti, amount: SALE._replace(
        stan=stan, fate=fate, response_code=code, mti=mti, amount=amount
    ),
    _stans,
    st.sampled_from([Fate.ANSWERED, Fate.STORED, Fate.TAKEN_BACK, Fate.DISCARDED]),
    st.sampled_from(["00", "00", "51"]),
    st.sampled_from(["0200", "0220", "0100"]),
    st.sampled_from([0, 1, 1000]),
)
_reversals = st.builds(
    lambda stan, original: UNDOES._replace(stan=stan + 100, original_stan=original), _stans, _stans
)
_own = st.builds(
    lambda stan, amount: BLANK._replace(stan=stan, amount=amount), _stans, st.sampled_from([0, 500])
)


@settings(max_examples=many(60), deadline=None)
@given(st.lists(st.one_of(_forwarded, _reversals, _own), max_size=25))
def test_both_engines_replay_and_images_have_the_same(entries: list[Entry]) -> None:
    book = Book()
    for entry in entries:
        book.take(entry)
    for engine in ENGINES:
        state = State(HOST, engine)
        for raw in book.journal:
            state.replay(raw)
        assert state.digest() == book.state.digest()
        plain = State(HOST, engine)
        for raw in book.journal:
            plain.apply(raw, unpack(raw.kind, raw.version, raw.body))
        assert plain.digest() == book.state.digest()
    passed_on(book.state)


@settings(max_examples=many(60), deadline=None)
@given(st.lists(st.one_of(_forwarded, _reversals), max_size=25))
def test_they_count_exactly_as_sales_of_our_own(entries: list[ForwardedEntry]) -> None:
    """The same life twice: with a partner's cards, and with ours."""
    away, here = Book(), Book()
    for entry in entries:
        if entry.fate is Fate.DISCARDED:
            continue
        away.take(entry)
        window = here.state.window_of("T1")
        original = window.find(request_key(entry.original_s, entry.original_stan)) or 0
        here.take(
            BLANK._replace(
                mti=entry.mti,
                stan=entry.stan,
                amount=entry.amount,
                response_code=entry.response_code,
                reverses=original if entry.fate is Fate.UNDOES else 0,
                original_s=entry.original_s,
                original_stan=entry.original_stan,
            )
        )
    assert away.state.business.digest() == here.state.business.digest()
    windows = [book.state.window_of("T1").digest() for book in (away, here)]
    assert windows[0] == windows[1]
    assert {type(unpack(raw.kind, raw.version, raw.body)) for raw in here.journal[1:]} <= {TransactionEntry}


def test_the_bytes_are_no_more_than_they_need() -> None:
    kind, body = pack(SALE)
    assert kind == 7
    assert len(body) < 170
    assert RawEntry(1, kind, 2, body).kind == 7
