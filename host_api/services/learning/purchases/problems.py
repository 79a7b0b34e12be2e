"""What can be wrong with what members get."""

from host_api.core.errors import Problem


class LearningPurchaseNotFound(Problem):
    """No purchase has this id."""

    status = 404
    code = "learning-purchase-not-found"
    title = "Purchase not found"
    title_fa = "خرید پیدا نشد"
    detail = "There is no purchase with this id."
    detail_fa = "خریدی با این شناسه وجود ندارد."


class LearningNotForMember(Problem):
    """The member is suspended or merged."""

    status = 409
    code = "learning-not-for-member"
    title = "Not for this member"
    title_fa = "برای این عضو نیست"
    detail = "Only active members get reports, books and courses."
    detail_fa = "تنها عضو فعال گزارش، کتاب و دوره می‌گیرد."


class LearningHeld(Problem):
    """The member has it already, or the switch has not decided yet."""

    status = 409
    code = "learning-held"
    title = "The member has it already"
    title_fa = "عضو آن را دارد"
    detail = "The member has it, or it is on its way to the switch or back."
    detail_fa = "عضو آن را دارد یا در راه سوئیچ یا برگشت است."


class CourseFull(Problem):
    """No place is left."""

    status = 409
    code = "course-full"
    title = "No place left"
    title_fa = "ظرفیت دوره پر است"
    detail = "All places of this course are taken."
    detail_fa = "همهٔ جاهای این دوره گرفته شده است."


class CourseEnrolmentOver(Problem):
    """The time for enrolment is over."""

    status = 409
    code = "course-enrolment-over"
    title = "Enrolment is over"
    title_fa = "مهلت ثبت‌نام گذشته است"
    detail = "The time for enrolment in this course is over."
    detail_fa = "مهلت ثبت‌نام در این دوره گذشته است."


class LearningNotActive(Problem):
    """The member doesn't have it, or no longer."""

    status = 409
    code = "learning-not-active"
    title = "Not in the member's hands"
    title_fa = "در دست عضو نیست"
    detail = "The member does not have it: not paid, given back, or on its way back."
    detail_fa = "عضو آن را ندارد: پرداخت نشده، پس داده شده یا در راه برگشت است."


class RefundNotByPolicy(Problem):
    """The stated policy gives nothing back now."""

    status = 409
    code = "learning-refund-not-by-policy"
    title = "No longer to be given back"
    title_fa = "دیگر پس گرفته نمی‌شود"
    detail = (
        "By its terms it is given back within so many days, before an online course begins, and only while "
        "little of it was gone through; reports and books are not given back."
    )
    detail_fa = (
        "برابر شرایط، تا چند روز، پیش از آغاز دورهٔ برخط و تا زمانی که اندکی از آن گذرانده شده "
        "پس گرفته می‌شود؛ گزارش و کتاب پس گرفته نمی‌شود."
    )


class DownloadNotAllowed(Problem):
    """There is no file, or it is not to be downloaded."""

    status = 409
    code = "learning-download-not-allowed"
    title = "Not to be downloaded"
    title_fa = "دانلود ندارد"
    detail = "This has no file, or the club does not let it be downloaded."
    detail_fa = "این مورد فایل ندارد یا باشگاه اجازهٔ دانلود نداده است."


class NotACourse(Problem):
    """Only courses are gone through."""

    status = 409
    code = "learning-not-a-course"
    title = "Not a course"
    title_fa = "دوره نیست"
    detail = "Only courses are gone through lesson by lesson."
    detail_fa = "تنها دوره‌ها جلسه به جلسه گذرانده می‌شوند."
