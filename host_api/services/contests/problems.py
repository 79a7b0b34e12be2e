"""What stands against something in a contest."""

from host_api.core.errors import Problem


class ContestNotFound(Problem):
    """No contest has this id."""

    status = 404
    code = "contest-not-found"
    title = "Contest not found"
    title_fa = "مسابقه پیدا نشد"
    detail = "There is no contest with this id."
    detail_fa = "مسابقه‌ای با این شناسه وجود ندارد."


class EntryNotFound(Problem):
    """No entry has this id."""

    status = 404
    code = "contest-entry-not-found"
    title = "Entry not found"
    title_fa = "شرکت‌کننده پیدا نشد"
    detail = "There is no contest entry with this id."
    detail_fa = "شرکتی در مسابقه با این شناسه ثبت نشده است."


class ResultNotFound(Problem):
    """No result has this id."""

    status = 404
    code = "contest-result-not-found"
    title = "Result not found"
    title_fa = "نتیجه پیدا نشد"
    detail = "There is no contest result with this id."
    detail_fa = "نتیجه‌ای با این شناسه ثبت نشده است."


class ContestNotOpen(Problem):
    """Entries are taken between start and end only, and not before it is published."""

    status = 409
    code = "contest-not-open"
    title = "Contest not open"
    title_fa = "مسابقه باز نیست"
    detail = "The contest is not open: it has not begun, is over, or was cancelled."
    detail_fa = "مسابقه باز نیست: هنوز آغاز نشده، پایان یافته یا لغو شده است."


class NotAdmitted(Problem):
    """The member is blocked, or none of those for whom the contest is."""

    status = 409
    code = "contest-not-admitted"
    title = "Not for this member"
    title_fa = "برای این عضو نیست"
    detail = "The member is blocked or does not meet the contest's conditions of entry."
    detail_fa = "عضو مسدود است یا شرایط شرکت در این مسابقه را ندارد."
    field = "member_id"


class EntriesUsedUp(Problem):
    """The member has as many entries as the contest allows."""

    status = 409
    code = "contest-entries-used-up"
    title = "No entry left"
    title_fa = "سهم شرکت تمام شده است"
    detail = "The member has entered this contest as often as its rules allow."
    detail_fa = "عضو به تعداد مجاز در این مسابقه شرکت کرده است."
    field = "member_id"


class StakeNotAllowed(Problem):
    """The stake isn't between the contest's least and the lower of its cap and the club's."""

    status = 409
    code = "contest-stake-not-allowed"
    title = "Stake not allowed"
    title_fa = "این میزان پذیرفته نیست"
    detail = (
        "A floating contest takes a stake from its least to its cap and the club's cap; others take none."
    )
    detail_fa = "مسابقهٔ شناور میزانی از کمینه تا سقف خود و سقف باشگاه می‌گیرد؛ دیگر مسابقه‌ها میزان نمی‌گیرند."
    field = "stake"


class AnswersNotAllowed(Problem):
    """The answers aren't the contest's questions and options."""

    status = 409
    code = "contest-answers-not-allowed"
    title = "Answers not allowed"
    title_fa = "پاسخ‌ها پذیرفته نیست"
    detail = "Each of the contest's questions has to be answered by one of its options, and nothing else."
    detail_fa = "هر پرسش مسابقه باید با یکی از گزینه‌هایش پاسخ داده شود و نه چیز دیگر."
    field = "answers"


class ExposureReached(Problem):
    """The club would have to give more than it wants to risk."""

    status = 409
    code = "contest-exposure-reached"
    title = "Contest is full"
    title_fa = "ظرفیت مسابقه پر است"
    detail = "With this all entries together could win more than the contest's or the club's limit."
    detail_fa = "با این شرکت، برد ممکن همه از سقف مسابقه یا باشگاه بیشتر می‌شود."


class ContestFixed(Problem):
    """What members have relied on can't be changed any more."""

    status = 409
    code = "contest-fixed"
    title = "No longer to be changed"
    title_fa = "دیگر تغییر نمی‌کند"
    detail = "Members have entered, or the contest is closed: what they relied on can't be changed any more."
    detail_fa = "عضوها شرکت کرده‌اند یا مسابقه بسته است؛ آنچه به آن تکیه کرده‌اند دیگر تغییر نمی‌کند."


class ContestElsewhere(Problem):
    """The contest's state doesn't allow this."""

    status = 409
    code = "contest-in-another-state"
    title = "Not in this state"
    title_fa = "در این وضعیت شدنی نیست"
    detail = "The contest's state does not allow this: read it again."
    detail_fa = "وضعیت مسابقه این کار را اجازه نمی‌دهد؛ دوباره آن را بخوانید."


class BudgetNeedsCap(Problem):
    """A budget pays for a contest whose exposure is known."""

    status = 409
    code = "contest-budget-needs-cap"
    title = "Exposure cap needed"
    title_fa = "سقف تعهد لازم است"
    detail = "A contest with a budget needs an exposure_cap, which is reserved in the budget."
    detail_fa = "مسابقهٔ دارای بودجه باید exposure_cap داشته باشد تا در بودجه ذخیره شود."
    field = "exposure_cap"
