"""How far members have gone in their courses, and certificates of those who went to the end."""

from sqlalchemy import delete, func, select

from host_api.core.clock import utc_now
from host_api.core.database import AnySession, WriteSession
from host_api.core.default_rows import insert_missing
from host_api.services.learning.courses import logic as courses
from host_api.services.learning.models import CourseLesson, LearningPurchase, LessonDone
from host_api.services.learning.purchases import problems
from host_api.services.learning.purchases.schemas import LearningKind, LearningPurchaseState


async def complete_lesson(session: WriteSession, row: LearningPurchase, lesson_id: int) -> bool:
    """Note that a lesson was gone through; whether it was the last one of the course.

    Raises:
        NotACourse, LearningNotActive, CourseLessonNotFound
    """
    if row.kind != LearningKind.COURSE:
        raise problems.NotACourse
    if row.state != LearningPurchaseState.ACTIVE:
        raise problems.LearningNotActive
    await courses.find_lesson(session, row.subject_id, lesson_id)
    values = {"purchase_id": row.id, "lesson_id": lesson_id, "done_at": utc_now()}
    await insert_missing(session, LessonDone, [values])
    lessons, done = await counts(session, row)
    if row.completed_at is not None or done < lessons:
        return False
    row.completed_at = utc_now()
    if (await courses.find(session, row.subject_id)).has_certificate:
        row.certificate_number = f"C{row.subject_id:05d}-{row.id:07d}"
    await session.flush()
    return True


async def counts(session: AnySession, row: LearningPurchase) -> tuple[int, int]:
    """How many lessons a course has, and how many of them its holder has gone through."""
    if row.kind != LearningKind.COURSE:
        return 0, 0
    lessons = select(func.count(CourseLesson.id)).where(CourseLesson.course_id == row.subject_id)
    done = select(func.count(LessonDone.lesson_id)).where(LessonDone.purchase_id == row.id)
    return await session.scalar(lessons) or 0, await session.scalar(done) or 0


async def percent_done(session: AnySession, row: LearningPurchase) -> int:
    """The same in hundredths of the course."""
    lessons, done = await counts(session, row)
    return 0 if lessons == 0 else done * 100 // lessons


async def done_lessons(session: AnySession, purchase_id: int) -> list[int]:
    """Ids of the lessons that were gone through."""
    rows = await session.scalars(
        select(LessonDone.lesson_id)
        .where(LessonDone.purchase_id == purchase_id)
        .order_by(LessonDone.lesson_id)
    )
    return list(rows)


async def forget(session: WriteSession, row: LearningPurchase) -> None:
    """Begin anew: the course was given back."""
    await session.execute(
        delete(LessonDone)
        .where(LessonDone.purchase_id == row.id)
        .execution_options(synchronize_session=False)
    )
