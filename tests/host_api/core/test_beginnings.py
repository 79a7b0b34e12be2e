"""Texts that begin with others: the same on both databases as in Python."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from host_api.core.beginnings import BeginsWith, first_behind
from host_api.core.clock import utc_now
from host_api.core.database import Database
from host_api.core.programmes import FIRST_PROGRAMME
from host_api.services.members.models import Member

# No NUL, which PostgreSQL keeps in no text, and no halves of a pair.
TEXTS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1, max_size=6)
NAMES = (
    *("علی", "علیرضا", "عل", "غ", "ali", "Ali", "ALI", "a%b", "a_b", "acb", "a/b", "a\\b", "a'b", "پ", "ی"),
    *("\ud7ff", "\ud7ffx", "\ue000", "\U0010ffff", "\U0010ffff\U0010ffffx", "z"),
)


@given(TEXTS, TEXTS)
def test_texts_with_a_beginning_lie_before_the_first_behind(begin: str, other: str) -> None:
    behind = first_behind(begin)
    assert begin <= begin + other < behind
    assert (begin <= other < behind) == other.startswith(begin)


@pytest.mark.anyio
async def test_databases_find_what_begins_so(database: Database) -> None:
    async with database.writing(FIRST_PROGRAMME) as session:
        for number, name in enumerate(NAMES, 1):
            session.add(Member(id=number, name=name, tier="gold", status="active", created_at=utc_now()))
    async with database.reading(FIRST_PROGRAMME) as session:
        for begin in {name[:length] for name in NAMES for length in (1, 2, 3)} | {"%", "_", "/"}:
            found = await session.scalars(select(Member.name).where(BeginsWith(Member.name, begin)))
            assert sorted(found) == sorted(name for name in NAMES if name.startswith(begin)), begin
