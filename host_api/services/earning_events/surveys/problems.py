"""Why a survey isn't changed or answered."""

from host_api.core.errors import Problem


class SurveyNotFound(Problem):
    """No survey has this id."""

    status = 404
    code = "survey-not-found"
    title = "Survey not found"
    title_fa = "نظرسنجی پیدا نشد"
    detail = "There is no survey with this id."
    detail_fa = "نظرسنجی‌ای با این شناسه وجود ندارد."


class SurveyIsPublished(Problem):
    """Members have seen it."""

    status = 409
    code = "survey-published"
    title = "Published already"
    title_fa = "منتشر شده است"
    detail = "A published survey keeps its questions and its audience."
    detail_fa = "پرسش‌ها و مخاطبان نظرسنجی منتشرشده عوض نمی‌شود."


class SurveyTimes(Problem):
    """It would end before it begins."""

    status = 409
    code = "survey-times"
    title = "Ends before it begins"
    title_fa = "پایان پیش از آغاز است"
    detail = "A survey ends after it begins."
    detail_fa = "پایان نظرسنجی پس از آغاز آن است."
    field = "ends_at"


class SurveyNotOpen(Problem):
    """It has not begun, or is over."""

    status = 409
    code = "survey-not-open"
    title = "Not open"
    title_fa = "باز نیست"
    detail = "This survey has not begun or is over."
    detail_fa = "این نظرسنجی آغاز نشده یا پایان یافته است."


class NotAsked(Problem):
    """The survey is for others."""

    status = 409
    code = "survey-not-asked"
    title = "Not asked"
    title_fa = "از این عضو پرسیده نشده است"
    detail = "This survey is for other members."
    detail_fa = "این نظرسنجی برای اعضای دیگری است."
    field = "member_id"


class AnsweredAlready(Problem):
    """One answer of each member."""

    status = 409
    code = "survey-answered"
    title = "Answered already"
    title_fa = "پیش‌تر پاسخ داده است"
    detail = "The member has answered this survey already."
    detail_fa = "عضو پیش‌تر به این نظرسنجی پاسخ داده است."
    field = "member_id"


class AnswersHidden(Problem):
    """Anonymous answers aren't shown one by one before there are some."""

    status = 409
    code = "survey-answers-hidden"
    title = "Too few answers"
    title_fa = "پاسخ‌ها هنوز کم است"
    detail = "Answers of an anonymous survey are shown once there are five, so that nobody is known by them."
    detail_fa = "پاسخ‌های نظرسنجی بی‌نام پس از پنج پاسخ نشان داده می‌شود تا کسی شناخته نشود."
