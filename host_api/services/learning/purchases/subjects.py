"""What a purchase is of, as purchases see it: its price, its places, its files and its terms of return."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from host_api.core.database import AnySession
from host_api.services.earning_events.reviews.schemas import SubjectKind
from host_api.services.earning_events.reviews.subjects import checks_subject
from host_api.services.learning.courses import logic as courses
from host_api.services.learning.courses.problems import CourseLessonNotFound, CourseNotFound
from host_api.services.learning.courses.schemas import CourseMode, CourseState
from host_api.services.learning.library import logic as library
from host_api.services.learning.library.problems import LibraryDocumentNotFound
from host_api.services.learning.models import Course, LearningPurchase, LibraryDocument
from host_api.services.learning.purchases import problems
from host_api.services.learning.purchases.schemas import LearningKind


@dataclass(frozen=True, slots=True)
class Subject:
    """A report, book or course."""

    kind: LearningKind
    id: int
    title: str
    price: int
    purse: int
    has_places: bool


async def to_buy(session: AnySession, kind: LearningKind, subject_id: int, now: datetime) -> Subject:
    """What a member may get now.

    Raises:
        LibraryDocumentNotFound, CourseNotFound, CourseEnrolmentOver
    """
    if kind is LearningKind.DOCUMENT:
        return _subject(await library.find_shown(session, subject_id))
    course = await courses.find_shown(session, subject_id)
    last = course.enrol_until or (course.starts_at if course.mode == CourseMode.ONLINE else None)
    if last is not None and last <= now:
        raise problems.CourseEnrolmentOver
    return _subject(course)


async def of(session: AnySession, row: LearningPurchase) -> Subject:
    """What a purchase is of, whatever has become of it."""
    if row.kind == LearningKind.DOCUMENT:
        return _subject(await library.find(session, row.subject_id))
    return _subject(await courses.find(session, row.subject_id))


async def check_refund(session: AnySession, row: LearningPurchase, percent_done: int, now: datetime) -> None:
    """See that the terms give it back now.

    Raises:
        RefundNotByPolicy
    """
    if row.kind == LearningKind.DOCUMENT or row.begun_at is None:
        raise problems.RefundNotByPolicy
    course = await courses.find(session, row.subject_id)
    if course.state == CourseState.CANCELLED:
        return
    has_begun = course.mode == CourseMode.ONLINE and course.starts_at is not None and course.starts_at <= now
    is_late = now >= row.begun_at + timedelta(days=course.refund_days)
    if has_begun or is_late or percent_done > course.refund_percent:
        raise problems.RefundNotByPolicy


async def file_of(session: AnySession, row: LearningPurchase, lesson_id: int | None) -> int:
    """Id of the file that its holder may download now.

    Raises:
        DownloadNotAllowed, CourseLessonNotFound
    """
    if row.kind == LearningKind.DOCUMENT:
        document = await library.find(session, row.subject_id)
        is_allowed, file_id = document.is_downloadable, document.file_id
    else:
        course = await courses.find(session, row.subject_id)
        if lesson_id is None:
            raise CourseLessonNotFound
        lesson = await courses.find_lesson(session, course.id, lesson_id)
        is_allowed, file_id = course.is_downloadable, lesson.file_id
    if not is_allowed or file_id is None:
        raise problems.DownloadNotAllowed
    return file_id


@checks_subject(SubjectKind.COURSE)
async def _is_course(session: AnySession, course_id: int) -> bool:
    try:
        await courses.find_shown(session, course_id)
    except CourseNotFound:
        return False
    return True


@checks_subject(SubjectKind.DOCUMENT)
async def _is_document(session: AnySession, document_id: int) -> bool:
    try:
        await library.find_shown(session, document_id)
    except LibraryDocumentNotFound:
        return False
    return True


def _subject(row: LibraryDocument | Course) -> Subject:
    is_course = isinstance(row, Course)
    return Subject(
        kind=LearningKind.COURSE if is_course else LearningKind.DOCUMENT,
        id=row.id,
        title=row.title,
        price=row.price,
        purse=row.purse,
        has_places=isinstance(row, Course) and row.capacity is not None,
    )
