"""What can be wrong with courses."""

from host_api.core.errors import Problem


class CourseNotFound(Problem):
    """No course has this id, or members don't see it."""

    status = 404
    code = "course-not-found"
    title = "Course not found"
    title_fa = "دوره پیدا نشد"
    detail = "There is no course with this id, or it is not published."
    detail_fa = "دوره‌ای با این شناسه نیست یا منتشر نشده است."


class CourseLessonNotFound(Problem):
    """The course has no such lesson."""

    status = 404
    code = "course-lesson-not-found"
    title = "Lesson not found"
    title_fa = "جلسه پیدا نشد"
    detail = "The course has no lesson with this id."
    detail_fa = "این دوره جلسه‌ای با این شناسه ندارد."


class CourseNotInState(Problem):
    """The course is cancelled, or has no lessons yet."""

    status = 409
    code = "course-not-in-state"
    title = "Not possible in this state"
    title_fa = "در این وضعیت ممکن نیست"
    detail = "A cancelled course stays so, and one without lessons is not published."
    detail_fa = "دورهٔ لغوشده همان می‌ماند و دورهٔ بی‌جلسه منتشر نمی‌شود."


class CourseCapacityTooSmall(Problem):
    """More members have a place than there would be."""

    status = 409
    code = "course-capacity-too-small"
    title = "Too few places"
    title_fa = "ظرفیت کم است"
    detail = "More members have a place already; an endless course can't be given an end either."
    detail_fa = "عضوهای بیشتری جا گرفته‌اند؛ دورهٔ بی‌پایان نیز ظرفیت نمی‌گیرد."
    field = "capacity"


class CourseLessonTaken(Problem):
    """Another lesson has this position, or members have gone through this one."""

    status = 409
    code = "course-lesson-taken"
    title = "Lesson in use"
    title_fa = "جلسه در حال استفاده است"
    detail = "Another lesson has this position, or members have gone through this lesson."
    detail_fa = "جلسهٔ دیگری همین شماره را دارد یا عضوی این جلسه را گذرانده است."


class CourseWithoutDates(Problem):
    """An online course begins at an instant."""

    status = 409
    code = "course-without-dates"
    title = "When does it begin?"
    title_fa = "زمان آغاز گفته نشده است"
    detail = "An online course begins at an instant; give `starts_at`."
    detail_fa = "دورهٔ برخط زمان آغاز دارد؛ starts_at را بدهید."
    field = "starts_at"
