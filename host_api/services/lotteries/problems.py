"""What the lotteries service refuses."""

from host_api.core.errors import Problem


class LotteryNotFound(Problem):
    """No lottery has this id."""

    status = 404
    code = "lottery-not-found"
    title = "Lottery not found"
    title_fa = "قرعه‌کشی پیدا نشد"
    detail = "There is no lottery with this id, or it has no such round."
    detail_fa = "قرعه‌کشی‌ای با این شناسه یا دوره وجود ندارد."


class LotteryEntryNotFound(Problem):
    """No entry has this id."""

    status = 404
    code = "lottery-entry-not-found"
    title = "Entry not found"
    title_fa = "شرکت در قرعه‌کشی پیدا نشد"
    detail = "There is no entry with this id."
    detail_fa = "شرکتی با این شناسه وجود ندارد."


class LotteryNotOpen(Problem):
    """Entries are taken between start and end only."""

    status = 409
    code = "lottery-not-open"
    title = "Lottery not open"
    title_fa = "قرعه‌کشی باز نیست"
    detail = "This lottery takes no entries now: it has not begun, is over, or was cancelled."
    detail_fa = "این قرعه‌کشی اکنون شرکت‌کننده نمی‌پذیرد: آغاز نشده، پایان یافته یا لغو شده است."


class LotteryNotForMember(Problem):
    """The member isn't of the audience."""

    status = 409
    code = "lottery-not-for-member"
    title = "Not for this member"
    title_fa = "برای این عضو نیست"
    detail = "This member is not active, or not among those for whom the lottery is."
    detail_fa = "این عضو فعال نیست یا در میان کسانی که قرعه‌کشی برای آن‌هاست نیست."


class LotteryLimitReached(Problem):
    """More than a member may take at once, on a day, or in all."""

    status = 409
    code = "lottery-limit-reached"
    title = "Limit of the lottery reached"
    title_fa = "سقف قرعه‌کشی پر شده است"
    detail = "A member can't take so many tickets at once, so often on a day, or so many in all."
    detail_fa = "عضو نمی‌تواند این تعداد بلیت را یک‌باره، این چند بار در روز، یا این تعداد را در مجموع بگیرد."


class LotteryAlreadyDrawn(Problem):
    """What is drawn can't be cancelled."""

    status = 409
    code = "lottery-already-drawn"
    title = "Already drawn"
    title_fa = "قرعه‌کشی انجام شده است"
    detail = "All of it is drawn; nothing of it can be cancelled any more."
    detail_fa = "همهٔ آن انجام شده و دیگر چیزی از آن لغوشدنی نیست."


class LotteryEndsInThePast(Problem):
    """A lottery that is over already."""

    status = 409
    code = "lottery-ends-in-the-past"
    title = "It would be over already"
    title_fa = "زمان آن گذشته است"
    detail = "The end must lie in the future."
    detail_fa = "پایان باید در آینده باشد."
    field = "ends_at"
