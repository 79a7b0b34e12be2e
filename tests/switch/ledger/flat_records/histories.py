"""Drawn histories of records: cards and members set, replaced and deleted, and purchases."""

from typing import NamedTuple

from hypothesis import strategies as st

from switch.journal.entries import RecordChange

# Near each other and with common beginnings and ends, so that keys meet in the tables.
TOKENS = (*(bytes(15) + bytes((last,)) for last in range(4)), b"\xff" * 16, b"\xff" * 15 + b"\0")
NUMBERS = (1, 2, 999_999_999_999, 1 << 32, (1 << 64) - 1)
HOUSEHOLDS = (0, 7, (1 << 64) - 1)
NO_TOKEN = bytes(16)


class Purchase(NamedTuple):
    """A member's purchase at a time (UTC seconds)."""

    number: int
    at_s: int


_wide = st.one_of(st.sampled_from(NUMBERS), st.integers(0, (1 << 64) - 1))
_words = st.one_of(st.sampled_from(("", "GOLD", "نقره", "teachers")), st.text(max_size=16))
_names = st.one_of(st.just(""), st.text(alphabet="ابپتسجچ آ‌", max_size=48), st.text(max_size=48))
_days = st.dates().map(lambda day: f"{day:%Y%m%d}".zfill(8))
_sets = st.one_of(st.sampled_from((b"", b"\x05", b"\x80" + bytes(31))), st.binary(max_size=32))
_times = st.one_of(st.integers(0, 3), st.integers((1 << 32) - 3, (1 << 32) + 3), st.just((1 << 64) - 1))
_pin_checks = st.one_of(
    st.binary(min_size=8, max_size=8), st.binary(max_size=9), st.binary(min_size=255, max_size=255)
)


def _tags(
    always: dict[str, st.SearchStrategy[str | bytes]], perhaps: dict[str, st.SearchStrategy[str | bytes]]
) -> st.SearchStrategy[tuple[tuple[str, str | bytes], ...]]:
    return st.fixed_dictionaries(always, optional=perhaps).map(lambda tags: tuple(tags.items()))


_cards = _tags(
    {"DF29": _wide.map(str), "DF20": st.sampled_from((0, *NUMBERS)).map(str)},
    {"DF21": st.sampled_from("ABN"), "DF24": _words, "DF50": _days, "DF51": _pin_checks},
)
_numbers = st.sampled_from(NUMBERS)
_members = _tags(
    {"DF20": _numbers.map(str)},
    {
        "DF05": _names,
        "DF06": _words,
        "DF21": st.sampled_from("AB"),
        "DF40": _words,
        "DF41": _words,
        "DF42": _sets,
        "DF43": _sets,
        "DF44": _days,
        "DF45": _days,
        "DF46": _wide.map(str),
        "DF47": _days,
        "DF48": st.sampled_from(HOUSEHOLDS).map(str),
        "DF49": _words,
        "DF4A": _words,
        "DF4B": _words,
    },
)
_tokens = st.sampled_from(TOKENS)
steps: st.SearchStrategy[RecordChange | Purchase] = st.one_of(
    st.builds(RecordChange, st.just("CARD"), st.just(False), _tokens, _cards),
    st.builds(RecordChange, st.just("CARD"), st.just(True), _tokens, st.just(())),
    st.builds(RecordChange, st.just("MEMBER"), st.just(False), st.just(NO_TOKEN), _members),
    st.builds(
        RecordChange,
        st.just("MEMBER"),
        st.just(True),
        st.just(NO_TOKEN),
        _numbers.map(lambda number: (("DF20", str(number)),)),
    ),
    st.builds(Purchase, _numbers, _times),
)
