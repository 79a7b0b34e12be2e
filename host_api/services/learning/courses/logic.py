"""Courses and their lessons: kept, found, shown, cancelled."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, func, select

from host_api.core.clock import utc_now
from host_api.core.counted_rows import change_count
from host_api.core.database import AnySession, WriteSession, conflict_as
from host_api.core.files.keeping import keep_file, let_file_go
from host_api.core.listing import Page, read_rows
from host_api.core.locking import check_version
from host_api.services.content import logic as content
from host_api.services.content.schemas import ContentArea
from host_api.services.content.search import SearchedKind, found_by, keep_words
from host_api.services.learning.courses import problems
from host_api.services.learning.courses.listing import CatalogueQuery
from host_api.services.learning.courses.schemas import (
    CourseCreate,
    CourseDetail,
    CourseLessonCreate,
    CourseLessonOutline,
    CourseLessonUpdate,
    CourseMode,
    CourseRead,
    CourseState,
    CourseUpdate,
)
from host_api.services.learning.models import Course, CourseLesson, LessonDone

IS_SHOWN = Course.state == CourseState.PUBLISHED.value


async def create(session: WriteSession, wanted: CourseCreate) -> Course:
    """Keep a draft.

    Raises:
        ContentCategoryNotFound, ContentPersonNotFound, CourseWithoutDates
    """
    await _check(session, wanted.category_id, wanted.teacher_id)
    if wanted.mode is CourseMode.ONLINE and wanted.starts_at is None:
        raise problems.CourseWithoutDates
    row = Course(
        **wanted.model_dump(exclude={"mode"}),
        mode=wanted.mode.value,
        places_left=wanted.capacity,
        state=CourseState.DRAFT.value,
        created_at=utc_now(),
    )
    session.add(row)
    await session.flush()
    await _keep_words(session, row)
    return row


async def find(session: AnySession, course_id: int) -> Course:
    """One course.

    Raises:
        CourseNotFound
    """
    row = await session.get(Course, course_id)
    if row is None:
        raise problems.CourseNotFound
    return row


async def find_shown(session: AnySession, course_id: int) -> Course:
    """One that members see.

    Raises:
        CourseNotFound
    """
    row = await find(session, course_id)
    if row.state != CourseState.PUBLISHED:
        raise problems.CourseNotFound
    return row


async def change(session: WriteSession, course_id: int, if_match: str, wanted: CourseUpdate) -> Course:
    """Change what is given, publish or withdraw; places come or go with the capacity.

    Raises:
        CourseNotFound, ChangedMeanwhile, ContentCategoryNotFound, ContentPersonNotFound, CourseNotInState,
        CourseCapacityTooSmall
    """
    row = await find(session, course_id)
    check_version(row, if_match)
    if row.state == CourseState.CANCELLED:
        raise problems.CourseNotInState
    await _check(session, wanted.category_id or row.category_id, wanted.teacher_id or row.teacher_id)
    if wanted.state is not None and not await lessons_of(session, course_id):
        raise problems.CourseNotInState
    values = wanted.model_dump(exclude_unset=True, exclude_none=True)
    if wanted.capacity is not None and wanted.capacity != row.capacity:
        if row.capacity is None:
            raise problems.CourseCapacityTooSmall
        if await change_places(session, course_id, wanted.capacity - row.capacity) is None:
            raise problems.CourseCapacityTooSmall
    for name, value in values.items():
        setattr(row, name, value.value if name == "state" else value)
    await session.flush()
    await session.refresh(row)
    await _keep_words(session, row)
    return row


async def change_places(session: WriteSession, course_id: int, change: int) -> int | None:
    """Take places or give them back, however many do at once; None where there are not so many."""
    return await change_count(session, Course.places_left, [Course.id == course_id], change)


async def cancel(session: WriteSession, course_id: int, reason: str) -> Course:
    """Have a course not take place; a job gives the points back.

    Raises:
        CourseNotFound, CourseNotInState
    """
    row = await session.get(Course, course_id, with_for_update=True)
    if row is None:
        raise problems.CourseNotFound
    if row.state == CourseState.CANCELLED:
        raise problems.CourseNotInState
    row.state, row.reason = CourseState.CANCELLED.value, reason
    await session.flush()
    return row


async def read_page(
    session: AnySession, query: CatalogueQuery, only: Sequence[ColumnElement[bool]] = ()
) -> Page[CourseRead]:
    """A page of courses."""
    statement = select(Course).where(*only, *found_by(SearchedKind.COURSE, Course.id, query.q))
    if query.category_id is not None:
        ids = await content.with_those_below(session, query.category_id)
        statement = statement.where(Course.category_id.in_(ids))
    rows, next_cursor = await read_rows(session, statement, query)
    return Page(items=[CourseRead.model_validate(row) for row in rows], next_cursor=next_cursor)


async def read_detail(session: AnySession, row: Course) -> CourseDetail:
    """A course with all that its page shows."""
    teacher = await content.find_person(session, row.teacher_id)
    category = await content.find_category(session, row.category_id)
    return CourseDetail(
        **CourseRead.model_validate(row).model_dump(),
        teacher=teacher.name,
        teacher_fa=teacher.name_fa,
        category=category.title,
        category_fa=category.title_fa,
        lessons=[CourseLessonOutline.model_validate(each) for each in await lessons_of(session, row.id)],
    )


async def lessons_of(session: AnySession, course_id: int) -> list[CourseLesson]:
    """A course's lessons, in their order."""
    rows = await session.scalars(
        select(CourseLesson).where(CourseLesson.course_id == course_id).order_by(CourseLesson.position)
    )
    return list(rows)


async def find_lesson(session: AnySession, course_id: int, lesson_id: int) -> CourseLesson:
    """One lesson of a course.

    Raises:
        CourseLessonNotFound
    """
    row = await session.get(CourseLesson, lesson_id)
    if row is None or row.course_id != course_id:
        raise problems.CourseLessonNotFound
    return row


async def add_lesson(session: WriteSession, course_id: int, wanted: CourseLessonCreate) -> CourseLesson:
    """Add a lesson.

    Raises:
        CourseNotFound, CourseLessonTaken, FileNotFree
    """
    await find(session, course_id)
    if wanted.file_id is not None:
        await keep_file(session, wanted.file_id, utc_now())
    row = CourseLesson(course_id=course_id, **wanted.model_dump())
    session.add(row)
    async with conflict_as(problems.CourseLessonTaken()):
        await session.flush()
    return row


async def change_lesson(
    session: WriteSession, course_id: int, lesson_id: int, if_match: str, wanted: CourseLessonUpdate
) -> CourseLesson:
    """Change what is given; a file takes the place of the one before.

    Raises:
        CourseLessonNotFound, ChangedMeanwhile, CourseLessonTaken, FileNotFree
    """
    row = await find_lesson(session, course_id, lesson_id)
    check_version(row, if_match)
    now, before = utc_now(), row.file_id
    if wanted.file_id is not None and wanted.file_id != before:
        await keep_file(session, wanted.file_id, now)
        if before is not None:
            await let_file_go(session, before, now)
    for name, value in wanted.model_dump(exclude_unset=True, exclude_none=True).items():
        setattr(row, name, value)
    async with conflict_as(problems.CourseLessonTaken()):
        await session.flush()
    return row


async def remove_lesson(session: WriteSession, course_id: int, lesson_id: int, if_match: str) -> None:
    """Take a lesson off that nobody has gone through.

    Raises:
        CourseLessonNotFound, ChangedMeanwhile, CourseLessonTaken
    """
    row = await find_lesson(session, course_id, lesson_id)
    check_version(row, if_match)
    done = select(func.count()).where(LessonDone.lesson_id == lesson_id)
    if await session.scalar(done):
        raise problems.CourseLessonTaken
    if row.file_id is not None:
        await let_file_go(session, row.file_id, utc_now())
    await session.delete(row)
    await session.flush()


async def _check(session: AnySession, category_id: int, teacher_id: int) -> None:
    await content.find_category(session, category_id, ContentArea.COURSES)
    await content.find_person(session, teacher_id)


async def _keep_words(session: WriteSession, row: Course) -> None:
    teacher = await content.find_person(session, row.teacher_id)
    texts = [row.title, teacher.name, teacher.name_fa, row.abstract, row.description]
    await keep_words(session, SearchedKind.COURSE, row.id, texts)
