"""What stands against something with a wheel."""

from host_api.core.errors import Problem


class WheelNotFound(Problem):
    """No wheel has this id."""

    status = 404
    code = "wheel-not-found"
    title = "Wheel not found"
    title_fa = "گردونه پیدا نشد"
    detail = "There is no wheel with this id."
    detail_fa = "گردونه‌ای با این شناسه وجود ندارد."


class SpinNotFound(Problem):
    """No spin has this id."""

    status = 404
    code = "wheel-spin-not-found"
    title = "Spin not found"
    title_fa = "چرخش پیدا نشد"
    detail = "There is no spin with this id."
    detail_fa = "چرخشی با این شناسه وجود ندارد."


class WheelNotOpen(Problem):
    """The wheel isn't published, its time has not come, or it is over."""

    status = 409
    code = "wheel-not-open"
    title = "Wheel not open"
    title_fa = "گردونه باز نیست"
    detail = "The wheel is not open: it is not published, has not begun, or is over."
    detail_fa = "گردونه باز نیست: منتشر نشده، هنوز آغاز نشده یا پایان یافته است."


class WheelNotAdmitted(Problem):
    """The member is blocked, or none of those for whom the wheel is."""

    status = 409
    code = "wheel-not-admitted"
    title = "Not for this member"
    title_fa = "برای این عضو نیست"
    detail = "The member is blocked or does not meet the wheel's conditions."
    detail_fa = "عضو مسدود است یا شرایط این گردونه را ندارد."
    field = "member_id"


class NoSpinLeft(Problem):
    """The member has no free and no earned spin, and buys none or may buy none."""

    status = 409
    code = "wheel-no-spin-left"
    title = "No spin left"
    title_fa = "چرخشی نمانده است"
    detail = "The member has no spin of this wheel now, or may buy no more today."
    detail_fa = "عضو اکنون چرخشی از این گردونه ندارد یا امروز بیش از این نمی‌تواند بخرد."
    field = "member_id"


class WheelElsewhere(Problem):
    """The wheel's or spin's state doesn't allow this."""

    status = 409
    code = "wheel-in-another-state"
    title = "Not in this state"
    title_fa = "در این وضعیت شدنی نیست"
    detail = "The state of the wheel or spin does not allow this: read it again."
    detail_fa = "وضعیت گردونه یا چرخش این کار را اجازه نمی‌دهد؛ دوباره آن را بخوانید."


class GrantUsedOtherwise(Problem):
    """The reference has given other spins before."""

    status = 409
    code = "wheel-grant-used"
    title = "Reference used otherwise"
    title_fa = "مرجع برای دیگری به کار رفته است"
    detail = "Under this reference spins were granted before: another number, to another member or elsewhere."
    detail_fa = "پیش‌تر با این مرجع چرخش داده شده است: به عضو یا از گردونه‌ای دیگر یا به شماری دیگر."
    field = "reference"
