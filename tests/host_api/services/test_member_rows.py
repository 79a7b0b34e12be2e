"""Rows that name a member follow a merge, come back when it is taken back, and none is forgotten."""

from collections import Counter

import pytest
from sqlalchemy import ForeignKeyConstraint, Table, select

from host_api.core.clock import utc_now
from host_api.core.database import Database
from host_api.core.programmes import FIRST_PROGRAMME
from host_api.core.settings import Settings
from host_api.services.catalogue import MEMBER_ROWS, METADATA
from host_api.services.member_merging import row_moving
from host_api.services.member_merging.models import MovedRows, RecordAct
from host_api.services.messages.models import MemberLanguage, WaitingText
from host_api.services.prizes.models import Prize, PrizeAward
from host_api.services.wheels.models import WheelMember
from tests.host_api.core.jobs.working_jobs import Runners, tools_on
from tests.host_api.services.grouping.history import member, store

GONE, STAYING = 1, 2
_NAMES = ("member_id", "member_number", "introducer")


def _member_columns(table: Table) -> set[str]:
    """Columns that name a member, by what they are called or refer to."""
    named = {column.name for column in table.columns if column.name.endswith(_NAMES)}
    references = (each for each in table.constraints if isinstance(each, ForeignKeyConstraint))
    referring = {
        element.parent.name
        for constraint in references
        for element in constraint.elements
        if element.target_fullname == "members.id"
    }
    return named | referring


def test_every_column_that_names_a_member_is_declared_once() -> None:
    declared = Counter(rows.name for rows in MEMBER_ROWS)
    there = {f"{table.name}.{name}" for table in METADATA.sorted_tables for name in _member_columns(table)}
    assert there - set(declared) == set()
    assert [name for name, count in declared.items() if count > 1] == []
    assert all(rows.why is None or rows.why for rows in MEMBER_ROWS)


@pytest.mark.anyio
async def test_rows_follow_a_merge_and_come_back(
    database: Database, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(row_moving, "_AT_ONCE", 2)
    await store(database, [member(GONE), member(STAYING)])
    async with database.writing(FIRST_PROGRAMME) as session:
        prize = Prize(kind="thing", title="P", title_fa="ج", value=1, is_open=True, created_at=utc_now())
        act = _act()
        session.add_all([prize, act])
        await session.flush()
        session.add_all(_award(prize.id, GONE, number) for number in range(5))
        session.add(_award(prize.id, STAYING, 9))
        session.add_all([_text(is_waiting=False), _text(is_waiting=True)])
        session.add(MemberLanguage(member_id=GONE, language="en"))
        session.add_all(
            [
                WheelMember(wheel_id=1, member_id=GONE, earned=3),
                WheelMember(wheel_id=1, member_id=STAYING, earned=4),
                WheelMember(wheel_id=2, member_id=GONE, earned=5),
            ]
        )
        act_id = act.id
    runners = Runners(await tools_on(database, settings), row_moving.row_moving_job(MEMBER_ROWS))

    async def run(state: str) -> None:
        async with database.writing(FIRST_PROGRAMME) as session:
            (await session.get_one(RecordAct, act_id)).state = state
        run_id = await runners.enqueue(row_moving.JOB, arguments={"act_id": act_id})
        await runners.work_off(runners.new())
        assert (await runners.run(run_id)).state == "succeeded"

    async def owners() -> tuple[list[int], list[int | None], list[int], list[tuple[int, int]]]:
        async with database.reading(FIRST_PROGRAMME) as session:
            spins = select(WheelMember).order_by(WheelMember.wheel_id, WheelMember.member_id)
            return (
                list(await session.scalars(select(PrizeAward.member_id).order_by(PrizeAward.id))),
                list(await session.scalars(select(WaitingText.member_id).order_by(WaitingText.is_waiting))),
                list(await session.scalars(select(MemberLanguage.member_id))),
                [(row.member_id, row.earned) for row in await session.scalars(spins)],
            )

    await run("moving")
    assert (await owners())[0] == [GONE] * 5 + [STAYING]
    for _ in range(2):  # told again, it changes nothing more
        await run("done")
        assert await owners() == (
            [STAYING] * 6,
            [GONE, STAYING],  # what was sent is history
            [STAYING],
            [(GONE, 0), (STAYING, 7), (STAYING, 5)],
        )
    await run("taken_back")
    assert await owners() == (
        [GONE] * 5 + [STAYING],
        [GONE, GONE],
        [GONE],
        [(GONE, 0), (STAYING, 7), (GONE, 5)],
    )
    async with database.reading(FIRST_PROGRAMME) as reading:
        assert list(await reading.scalars(select(MovedRows.id))) == []


def _act() -> RecordAct:
    return RecordAct(
        kind="merge",
        from_member_id=GONE,
        to_member_id=STAYING,
        card_ids=[],
        moves_untransferable=True,
        reason_code="duplicate",
        round=1,
        state="moving",
        asked_by="a",
        asked_by_name="a",
        asked_at=utc_now(),
    )


def _award(prize_id: int, member_id: int, number: int) -> PrizeAward:
    return PrizeAward(
        prize_id=prize_id,
        member_id=member_id,
        service="tests",
        reference=str(number),
        kind="thing",
        quantity=1,
        state="waiting",
        attempt=0,
        awarded_at=utc_now(),
    )


def _text(*, is_waiting: bool) -> WaitingText:
    return WaitingText(
        topic="t",
        reference=str(is_waiting),
        member_id=GONE,
        is_waiting=is_waiting,
        created_at=utc_now(),
        expires_at=utc_now(),
    )
