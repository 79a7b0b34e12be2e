"""What can be wrong with a wish about conversions."""

from host_api.core.errors import Problem


class RateNotFound(Problem):
    """No rate has this id."""

    status = 404
    code = "conversion-rate-not-found"
    title = "Rate not found"
    title_fa = "نرخ پیدا نشد"
    detail = "There is no conversion rate with this id."
    detail_fa = "نرخی با این شناسه وجود ندارد."


class ConversionNotFound(Problem):
    """No conversion has this id."""

    status = 404
    code = "credit-conversion-not-found"
    title = "Conversion not found"
    title_fa = "تبدیل پیدا نشد"
    detail = "There is no conversion with this id."
    detail_fa = "تبدیلی با این شناسه وجود ندارد."


class NotConvertible(Problem):
    """No rate of this purse is in force."""

    status = 409
    code = "purse-not-convertible"
    title = "Not converted now"
    title_fa = "اکنون تبدیل نمی‌شود"
    detail = "No rate is in force by which this purse is turned into rials."
    detail_fa = "برای این کیف نرخ جاری وجود ندارد."
    field = "purse"


class UnitsNotConvertible(Problem):
    """So many units are too few, no multiple of the step, or come to less than was told."""

    status = 409
    code = "units-not-convertible"
    title = "This amount is not converted"
    title_fa = "این مقدار تبدیل نمی‌شود"
    detail = "The units are below the least, no multiple of the step, or come to fewer rials than told."
    detail_fa = "مقدار کمتر از کمینه است، مضرب گام نیست، یا ارزش ریالی آن کمتر از مقدار گفته‌شده است."
    field = "units"


class RateTooLate(Problem):
    """The rate would have to hold from before its approval on."""

    status = 409
    code = "conversion-rate-too-late"
    title = "The rate begins in the past"
    title_fa = "آغاز نرخ گذشته است"
    detail = (
        "A rate begins after it is approved, and after all approved ones of its purse; ask for a later one."
    )
    detail_fa = "نرخ باید پس از تأیید و پس از آغاز نرخ‌های تأییدشدهٔ همین کیف آغاز شود؛ نرخ دیرتری بخواهید."
    field = "starts_at"
