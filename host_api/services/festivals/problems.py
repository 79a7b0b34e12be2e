"""What the festivals service refuses."""

from host_api.core.errors import Problem


class FestivalNotFound(Problem):
    """No festival has this id."""

    status = 404
    code = "festival-not-found"
    title = "Festival not found"
    title_fa = "جشنواره پیدا نشد"
    detail = "There is no festival with this id."
    detail_fa = "جشنواره‌ای با این شناسه وجود ندارد."


class FestivalAwardNotFound(Problem):
    """The festival has no such award, or win."""

    status = 404
    code = "festival-award-not-found"
    title = "Award not found"
    title_fa = "جایزهٔ جشنواره پیدا نشد"
    detail = "The festival has no award with this number, or none of that kind."
    detail_fa = "جشنواره جایزه‌ای با این شماره یا از این گونه ندارد."


class NotInFestival(Problem):
    """The member doesn't take part."""

    status = 404
    code = "not-in-festival"
    title = "The member doesn't take part"
    title_fa = "عضو شرکت نکرده است"
    detail = "This member has not chosen to take part in the festival."
    detail_fa = "این عضو در جشنواره شرکت نکرده است."


class FestivalNotOpen(Problem):
    """One takes part before its end only."""

    status = 409
    code = "festival-not-open"
    title = "Festival not open"
    title_fa = "جشنواره باز نیست"
    detail = "The festival is over or cancelled."
    detail_fa = "جشنواره پایان یافته یا لغو شده است."


class FestivalNotForMember(Problem):
    """The member isn't of the audience."""

    status = 409
    code = "festival-not-for-member"
    title = "Not for this member"
    title_fa = "برای این عضو نیست"
    detail = "This member is not active, or not among those for whom the festival is."
    detail_fa = "این عضو فعال نیست یا در میان کسانی که جشنواره برای آن‌هاست نیست."


class FestivalTimesDisagree(Problem):
    """A festival or an award would lie at a time when it can't."""

    status = 409
    code = "festival-times-disagree"
    title = "The times don't agree"
    title_fa = "زمان‌ها نمی‌خوانند"
    detail = (
        "A festival ends in the future; an award counts a time within its festival, and is in the future."
    )
    detail_fa = "پایان جشنواره در آینده است؛ جایزه زمانی درون جشنواره را می‌شمارد و خود در آینده است."


class FestivalWithoutCategories(Problem):
    """The festival has no categories."""

    status = 409
    code = "festival-without-categories"
    title = "No categories"
    title_fa = "دسته‌بندی ندارد"
    detail = "The festival has no categories to award in."
    detail_fa = "جشنواره دسته‌ای ندارد که در آن جایزه داده شود."
    field = "is_by_category"


class FestivalAwardSettled(Problem):
    """What is settled can't be cancelled."""

    status = 409
    code = "festival-award-settled"
    title = "Already settled"
    title_fa = "تسویه شده است"
    detail = "The winners are known; the award can't be cancelled any more."
    detail_fa = "برنده‌ها روشن شده‌اند و جایزه دیگر لغوشدنی نیست."
