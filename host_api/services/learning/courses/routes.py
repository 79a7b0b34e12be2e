"""Endpoints of courses and lessons."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from host_api.core.errors import problem_responses
from host_api.core.files.keeping import FileNotFree
from host_api.core.idempotency import ServiceRoute
from host_api.core.listing import Page
from host_api.core.locking import ChangedMeanwhile, IfMatch, etag
from host_api.core.path_ids import IdInPath
from host_api.core.work import ReadWork, WriteWork, reads, writes
from host_api.services.content.problems import ContentCategoryNotFound, ContentPersonNotFound
from host_api.services.learning import access
from host_api.services.learning.courses import logic, problems
from host_api.services.learning.courses.listing import CatalogueQuery, CourseQuery
from host_api.services.learning.courses.schemas import (
    CourseCancellation,
    CourseCreate,
    CourseDetail,
    CourseLessonCreate,
    CourseLessonList,
    CourseLessonRead,
    CourseLessonUpdate,
    CourseRead,
    CourseUpdate,
)

router = APIRouter(tags=["courses"], route_class=ServiceRoute)

Reading = Annotated[ReadWork, reads(access.READ_COURSES)]
Writing = Annotated[WriteWork, writes(access.WRITE_COURSES)]
Deciding = Annotated[WriteWork, writes(access.APPROVE_COURSES)]
Showing = Annotated[ReadWork, reads(access.ACT_COURSES)]


@router.post(
    "/courses",
    status_code=201,
    summary="Add a course",
    responses=problem_responses(ContentCategoryNotFound, ContentPersonNotFound, problems.CourseWithoutDates),
)
async def create_course(work: Writing, response: Response, wanted: CourseCreate) -> CourseRead:
    """Keep a draft; it gets its lessons, and is then published."""
    row = await logic.create(work.session, wanted)
    response.headers["ETag"] = etag(row)
    return CourseRead.model_validate(row)


@router.get("/courses", summary="List courses")
async def list_courses(work: Reading, query: Annotated[CourseQuery, Query()]) -> Page[CourseRead]:
    """All courses, the latest first; filtered and searched."""
    return await logic.read_page(work.session, query)


@router.get(
    "/courses/{course_id}", summary="Read a course", responses=problem_responses(problems.CourseNotFound)
)
async def read_course(work: Reading, response: Response, course_id: IdInPath) -> CourseRead:
    """One course by id, and the `ETag` that a change needs."""
    row = await logic.find(work.session, course_id)
    response.headers["ETag"] = etag(row)
    return CourseRead.model_validate(row)


@router.patch(
    "/courses/{course_id}",
    summary="Change a course",
    responses=problem_responses(
        problems.CourseNotFound,
        problems.CourseNotInState,
        problems.CourseCapacityTooSmall,
        ContentCategoryNotFound,
        ContentPersonNotFound,
        ChangedMeanwhile,
    ),
)
async def change_course(
    work: Writing, response: Response, course_id: IdInPath, wanted: CourseUpdate, if_match: IfMatch
) -> CourseRead:
    """Change what is given, publish it or withdraw it."""
    row = await logic.change(work.session, course_id, if_match, wanted)
    response.headers["ETag"] = etag(row)
    return CourseRead.model_validate(row)


@router.post(
    "/courses/{course_id}/cancellation",
    status_code=201,
    summary="Cancel a course",
    responses=problem_responses(problems.CourseNotFound, problems.CourseNotInState),
)
async def cancel_course(work: Deciding, course_id: IdInPath, wanted: CourseCancellation) -> CourseRead:
    """It doesn't take place; whoever has it gets the points back with their expiry, and is told why."""
    row = await logic.cancel(work.session, course_id, wanted.reason)
    return CourseRead.model_validate(row)


@router.get(
    "/courses/{course_id}/lessons",
    summary="List lessons",
    responses=problem_responses(problems.CourseNotFound),
)
async def list_course_lessons(work: Reading, course_id: IdInPath) -> CourseLessonList:
    """The lessons of a course with their addresses and files, in their order."""
    await logic.find(work.session, course_id)
    rows = await logic.lessons_of(work.session, course_id)
    return CourseLessonList(items=[CourseLessonRead.model_validate(row) for row in rows])


@router.post(
    "/courses/{course_id}/lessons",
    status_code=201,
    summary="Add a lesson",
    responses=problem_responses(problems.CourseNotFound, problems.CourseLessonTaken, FileNotFree),
)
async def add_course_lesson(
    work: Writing, response: Response, course_id: IdInPath, wanted: CourseLessonCreate
) -> CourseLessonRead:
    """A session of an online course, or a lesson that is gone through at any time."""
    row = await logic.add_lesson(work.session, course_id, wanted)
    response.headers["ETag"] = etag(row)
    return CourseLessonRead.model_validate(row)


@router.get(
    "/courses/{course_id}/lessons/{lesson_id}",
    summary="Read a lesson",
    responses=problem_responses(problems.CourseLessonNotFound),
)
async def read_course_lesson(
    work: Reading, response: Response, course_id: IdInPath, lesson_id: IdInPath
) -> CourseLessonRead:
    """One lesson, and the `ETag` that a change needs."""
    row = await logic.find_lesson(work.session, course_id, lesson_id)
    response.headers["ETag"] = etag(row)
    return CourseLessonRead.model_validate(row)


@router.patch(
    "/courses/{course_id}/lessons/{lesson_id}",
    summary="Change a lesson",
    responses=problem_responses(
        problems.CourseLessonNotFound, problems.CourseLessonTaken, FileNotFree, ChangedMeanwhile
    ),
)
async def change_course_lesson(  # noqa: PLR0917  (parameters of FastAPI)
    work: Writing,
    response: Response,
    course_id: IdInPath,
    lesson_id: IdInPath,
    wanted: CourseLessonUpdate,
    if_match: IfMatch,
) -> CourseLessonRead:
    """Change what is given."""
    row = await logic.change_lesson(work.session, course_id, lesson_id, if_match, wanted)
    response.headers["ETag"] = etag(row)
    return CourseLessonRead.model_validate(row)


@router.delete(
    "/courses/{course_id}/lessons/{lesson_id}",
    status_code=204,
    summary="Take a lesson off",
    responses=problem_responses(problems.CourseLessonNotFound, problems.CourseLessonTaken, ChangedMeanwhile),
)
async def remove_course_lesson(
    work: Writing, course_id: IdInPath, lesson_id: IdInPath, if_match: IfMatch
) -> None:
    """One that nobody has gone through."""
    await logic.remove_lesson(work.session, course_id, lesson_id, if_match)


@router.get("/course-catalogue", summary="List published courses")
async def list_course_catalogue(work: Showing, query: Annotated[CatalogueQuery, Query()]) -> Page[CourseRead]:
    """What members see, searched by words in whatever spelling."""
    return await logic.read_page(work.session, query, [logic.IS_SHOWN])


@router.get(
    "/course-catalogue/{course_id}",
    summary="Read the page of a published course",
    responses=problem_responses(problems.CourseNotFound),
)
async def read_course_page(work: Showing, course_id: IdInPath) -> CourseDetail:
    """What a member sees before enrolling: teacher, category, places, terms and the outline of lessons."""
    return await logic.read_detail(work.session, await logic.find_shown(work.session, course_id))
