"""What can be wrong with prizes and awards."""

from host_api.core.errors import Problem


class PrizeNotFound(Problem):
    """No prize has this id."""

    status = 404
    code = "prize-not-found"
    title = "Prize not found"
    title_fa = "جایزه پیدا نشد"
    detail = "There is no prize with this id."
    detail_fa = "جایزه‌ای با این شناسه وجود ندارد."


class PrizeGone(Problem):
    """Not enough of it is left, or it is closed."""

    status = 409
    code = "prize-gone"
    title = "The prize is gone"
    title_fa = "جایزه تمام شده است"
    detail = "Not enough of this prize is left, or it is no longer given."
    detail_fa = "از این جایزه به اندازهٔ کافی نمانده یا دیگر داده نمی‌شود."


class StockEndless(Problem):
    """The prize has no stock that could change."""

    status = 409
    code = "prize-stock-endless"
    title = "The prize has no stock"
    title_fa = "این جایزه موجودی ندارد"
    detail = "There is no end to this prize, so nothing can come or go."
    detail_fa = "شمار این جایزه بی‌پایان است و موجودی آن تغییر نمی‌کند."


class AwardNotFound(Problem):
    """No award has this id."""

    status = 404
    code = "prize-award-not-found"
    title = "Award not found"
    title_fa = "جایزهٔ داده‌شده پیدا نشد"
    detail = "There is no award with this id."
    detail_fa = "جایزهٔ داده‌شده‌ای با این شناسه وجود ندارد."


class AwardNotWaiting(Problem):
    """The award isn't in the state that this needs."""

    status = 409
    code = "prize-award-not-waiting"
    title = "The award doesn't wait for this"
    title_fa = "این جایزه در انتظار این کار نیست"
    detail = "Only a thing that waits is handed over, in its time, and only what failed is tried again."
    detail_fa = "تنها کالای منتظر و در مهلت تحویل می‌شود و تنها جایزهٔ ناموفق دوباره فرستاده می‌شود."
