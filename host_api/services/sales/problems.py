"""What can stand against a sale, gift or return."""

from collections.abc import Iterable

from host_api.core.errors import FieldProblem, Problem


class SaleNotFound(Problem):
    """There is no such sale."""

    status = 404
    code = "store-sale-not-found"
    title = "Sale not found"
    title_fa = "فروش پیدا نشد"
    detail = "There is no sale or gift with this id or reference."
    detail_fa = "فروش یا هدیه‌ای با این شناسه یا شماره وجود ندارد."


class SaleReturnNotFound(Problem):
    """There is no such return."""

    status = 404
    code = "store-return-not-found"
    title = "Return not found"
    title_fa = "مرجوعی پیدا نشد"
    detail = "There is no return with this id."
    detail_fa = "مرجوعی با این شناسه وجود ندارد."


class SaleLinesRefused(Problem):
    """Lines name what is not sold, or more than there is to return; each is named."""

    status = 409
    code = "store-lines-refused"
    title = "Lines not accepted"
    title_fa = "ردیف‌ها پذیرفته نشد"
    detail = "Some lines name no product that the branch sells, or more than can come back; see `errors`."
    detail_fa = "برخی ردیف‌ها محصولی که شعبه می‌فروشد نیست یا بیش از مقدار قابل برگشت است؛ errors را ببینید."

    def __init__(self, faults: Iterable[tuple[str, str, str, str]] = ()) -> None:
        super().__init__(
            [
                FieldProblem(field=field, location="body", code=code, message=message, message_fa=message_fa)
                for field, code, message, message_fa in faults
            ]
        )


class PaymentsDiffer(Problem):
    """What was paid and is owed is not what the lines come to."""

    status = 409
    code = "store-payments-differ"
    title = "Payments don't come to the total"
    title_fa = "جمع پرداخت‌ها با مبلغ نمی‌خواند"
    detail = "Payments and debt together are the lines with their tax; a debt needs a member."
    detail_fa = "جمع پرداخت‌ها و بدهی باید برابر ردیف‌ها با مالیات باشد؛ بدهی عضو می‌خواهد."
    field = "payments"


class SaleTooLarge(Problem):
    """No message could say the amount."""

    status = 409
    code = "store-sale-too-large"
    title = "Amount too large"
    title_fa = "مبلغ بیش از اندازه است"
    detail = "A document is for at most twelve digits of rials."
    detail_fa = "مبلغ هر سند حداکثر دوازده رقم ریال است."
    field = "lines"


class SaleTimeRefused(Problem):
    """The sale would be in the future, or was too long ago."""

    status = 409
    code = "store-sale-time-refused"
    title = "Time not accepted"
    title_fa = "زمان سند پذیرفته نیست"
    detail = "A document is registered up to 92 days after it was made, and not before."
    detail_fa = "سند تا ۹۲ روز پس از زمان خود ثبت می‌شود و نه پیش از آن."
    field = "at"


class SaleTransactionDiffers(Problem):
    """The terminal's transaction is not this sale's, or has another sale."""

    status = 409
    code = "store-transaction-differs"
    title = "Not this sale's transaction"
    title_fa = "تراکنش از آنِ این فروش نیست"
    detail = (
        "The transaction is no approved sale of this merchant for this amount and member that still stands, "
        "or another sale has it."
    )
    detail_fa = (
        "این تراکنش خرید تأییدشده و برجای همین پذیرنده با همین مبلغ و عضو نیست، یا فروش دیگری آن را دارد."
    )
    field = "rrn"


class SaleCustomerNotFound(Problem):
    """No member has this card, code or phone number."""

    status = 404
    code = "store-customer-not-found"
    title = "Customer not found"
    title_fa = "مشتری پیدا نشد"
    detail = "No member has this card, code or phone number."
    detail_fa = "عضوی با این کارت، کد یا شماره وجود ندارد."
    field = "code"


class SalePointsUndecided(Problem):
    """What the sale earned is not known yet."""

    status = 409
    code = "store-points-undecided"
    title = "Points not decided yet"
    title_fa = "امتیاز فروش هنوز معلوم نیست"
    detail = "The switch has not decided about the sale's points, or the club has not read it yet: try again."
    detail_fa = "سوئیچ هنوز دربارهٔ امتیاز این فروش تصمیم نگرفته یا باشگاه آن را نخوانده است: دوباره بفرستید."


class SalePointsSettled(Problem):
    """The points of this return are back, on their way, or there were none."""

    status = 409
    code = "store-points-settled"
    title = "Nothing to ask again"
    title_fa = "چیزی برای درخواست دوباره نیست"
    detail = "The points of this return are back or on their way, or there were none."
    detail_fa = "امتیاز این مرجوعی برگشته یا در راه است، یا امتیازی نداشته است."
