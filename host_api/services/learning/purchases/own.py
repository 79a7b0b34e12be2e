"""A member's own reports, books and courses, with how far the member has gone."""

from sqlalchemy import select

from host_api.core.database import AnySession, ReadSession
from host_api.core.listing import Page, read_rows
from host_api.services.learning.courses import logic as courses
from host_api.services.learning.courses.schemas import CourseLessonRead
from host_api.services.learning.models import LearningPurchase
from host_api.services.learning.purchases import logic, progress, subjects
from host_api.services.learning.purchases.listing import OwnLearningQuery
from host_api.services.learning.purchases.schemas import (
    LearningKind,
    LearningPurchaseState,
    OwnLearningDetail,
    OwnLearningRead,
)
from host_api.services.members import logic as members


async def read_own(session: ReadSession, member_id: int, query: OwnLearningQuery) -> Page[OwnLearningRead]:
    """A page of what a member has or had.

    Raises:
        members.MemberNotFound
    """
    await members.read(session, member_id)
    statement = select(LearningPurchase).where(LearningPurchase.member_id == member_id)
    rows, next_cursor = await read_rows(session, statement, query)
    return Page(items=[await _own(session, row) for row in rows], next_cursor=next_cursor)


async def read_detail(session: AnySession, purchase_id: int) -> OwnLearningDetail:
    """One of them; of a course that the member has, with its lessons.

    Raises:
        LearningPurchaseNotFound
    """
    row = await logic.find(session, purchase_id)
    lessons = []
    if row.kind == LearningKind.COURSE and row.state == LearningPurchaseState.ACTIVE:
        lessons = await courses.lessons_of(session, row.subject_id)
    own = await _own(session, row)
    return OwnLearningDetail(
        **own.model_dump(),
        items=[CourseLessonRead.model_validate(each) for each in lessons],
        done=await progress.done_lessons(session, row.id),
    )


async def _own(session: AnySession, row: LearningPurchase) -> OwnLearningRead:
    lessons, done = await progress.counts(session, row)
    subject = await subjects.of(session, row)
    return OwnLearningRead(
        **logic.shown(row).model_dump(), title=subject.title, lessons=lessons, lessons_done=done
    )
