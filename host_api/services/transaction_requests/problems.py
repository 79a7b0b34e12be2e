"""Why a void or return can't be asked for or decided."""

from host_api.core.errors import Problem


class RequestNotFound(Problem):
    """No void or return has this id."""

    status = 404
    code = "transaction-request-not-found"
    title = "Void or return not found"
    title_fa = "درخواست برگشت پیدا نشد"
    detail = "There is no void or return with this id."
    detail_fa = "درخواست ابطال یا برگشتی با این شناسه وجود ندارد."


class NotReturnable(Problem):
    """Only approved sales come back, and only open holds are freed."""

    status = 409
    code = "transaction-not-returnable"
    title = "This transaction can't be undone"
    title_fa = "این تراکنش برگشت‌پذیر نیست"
    detail = (
        "Only approved sales and open holds can be voided or returned; loads and points by hand are adjusted."
    )
    detail_fa = "تنها خرید تأییدشده و مبلغ نگه‌داشتهٔ باز برمی‌گردد؛ شارژ و امتیاز دستی را با اصلاح برگردانید."
    field = "rrn"


class AlreadyUndone(Problem):
    """The transaction was reversed, returned whole, or its hold is over."""

    status = 409
    code = "transaction-already-undone"
    title = "Already undone"
    title_fa = "پیش‌تر برگشته است"
    detail = "This transaction was reversed or returned before, or its hold is over; its trace tells by what."
    detail_fa = "این تراکنش پیش‌تر برگشته یا نگه‌داشت آن پایان یافته است؛ ردگیری آن می‌گوید با چه."
    field = "rrn"


class DayIsClosed(Problem):
    """A void is for the business day of the sale."""

    status = 409
    code = "transaction-day-closed"
    title = "The business day is closed"
    title_fa = "روز کاری بسته شده است"
    detail = "A sale can be voided on its own business day only, before any return of it; return it instead."
    detail_fa = "ابطال تنها در روز کاری همان خرید و پیش از هر برگشتی شدنی است؛ به جای آن برگشت بزنید."
    field = "rrn"


class MoreThanIsLeft(Problem):
    """More is to come back than is left of the sale."""

    status = 409
    code = "transaction-more-than-left"
    title = "More than is left of the sale"
    title_fa = "بیش از ماندهٔ خرید"
    detail = "Less of this sale is left than is to come back; see its amount and what was returned."
    detail_fa = "از این خرید کمتر از مبلغ خواسته مانده است؛ مبلغ و برگشت‌های پیشین آن را ببینید."
    field = "amount"


class LinesDiffer(Problem):
    """The lines do not come to the amount, or are too long for a message."""

    status = 409
    code = "transaction-lines-differ"
    title = "Lines do not come to the amount"
    title_fa = "جمع اقلام با مبلغ نمی‌خواند"
    detail = "The lines that come back must come to the amount, and fit into 480 bytes together."
    detail_fa = "جمع اقلام برگشتی باید برابر مبلغ باشد و همه در ۴۸۰ بایت جا شود."
    field = "lines"


class UnderWay(Problem):
    """Another void or return of the transaction is not over."""

    status = 409
    code = "transaction-request-under-way"
    title = "Another one is under way"
    title_fa = "درخواست دیگری در جریان است"
    detail = "A void or return of this transaction waits for a second person or for the switch already."
    detail_fa = "یک درخواست ابطال یا برگشت همین تراکنش در انتظار نفر دوم یا پاسخ سوئیچ است."
    field = "rrn"
