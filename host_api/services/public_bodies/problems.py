"""What can hinder public bodies."""

from host_api.core.errors import Problem


class PublicBodyNotFound(Problem):
    """No body has this id."""

    status = 404
    code = "public-body-not-found"
    title = "Public body not found"
    title_fa = "نهاد پیدا نشد"
    detail = "There is no public body with this id."
    detail_fa = "نهادی با این شناسه وجود ندارد."


class PublicBodyExists(Problem):
    """The organisation is a body already."""

    status = 409
    code = "public-body-exists"
    title = "A public body already"
    title_fa = "پیش‌تر ثبت شده است"
    detail = "This organisation is a public body already."
    detail_fa = "این سازمان پیش‌تر نهاد عمومی ثبت شده است."
    field = "organisation_id"


class ParticipationNotFound(Problem):
    """No participation has this id."""

    status = 404
    code = "body-participation-not-found"
    title = "Participation not found"
    title_fa = "مشارکت پیدا نشد"
    detail = "There is no participation with this id."
    detail_fa = "مشارکتی با این شناسه وجود ندارد."


class OnlyBanksGiveCredit(Problem):
    """The body is no bank."""

    status = 409
    code = "body-not-a-bank"
    title = "Only banks provide credit"
    title_fa = "تنها بانک اعتبار می‌دهد"
    detail = "Only a body that is a bank can take part as a credit provider."
    detail_fa = "تنها نهادی که بانک است می‌تواند تأمین‌کنندهٔ اعتبار باشد."
    field = "role"


class ParticipationOverlaps(Problem):
    """The body has the role on some of these days."""

    status = 409
    code = "body-participation-overlaps"
    title = "The body has this role already"
    title_fa = "این نقش هم‌اکنون هست"
    detail = "The body takes part in this role on some of these days already; end that participation first."
    detail_fa = "این نهاد در بخشی از این روزها همین نقش را دارد؛ نخست آن مشارکت را پایان دهید."


class ParticipationNotActive(Problem):
    """It is not approved, has ended, or today is none of its days."""

    status = 409
    code = "body-participation-not-active"
    title = "Participation not in force"
    title_fa = "مشارکت برقرار نیست"
    detail = "The participation is not approved, has ended, or today is none of its days."
    detail_fa = "این مشارکت تأیید نشده یا پایان یافته است، یا امروز در روزهای آن نیست."


class BodyBenefitNotFound(Problem):
    """No benefit has this id."""

    status = 404
    code = "body-benefit-not-found"
    title = "Benefit not found"
    title_fa = "مزیت پیدا نشد"
    detail = "There is no benefit with this id."
    detail_fa = "مزیتی با این شناسه وجود ندارد."


class BodyBenefitExists(Problem):
    """The body's members have it already."""

    status = 409
    code = "body-benefit-exists"
    title = "A benefit already"
    title_fa = "این مزیت تکراری است"
    detail = "The body's members have this benefit already."
    detail_fa = "اعضای این نهاد همین مزیت را دارند."
    field = "target_id"


class TooManyBodyBenefits(Problem):
    """A body has as many as it may."""

    status = 409
    code = "body-benefits-full"
    title = "Too many benefits"
    title_fa = "مزیت‌ها بیش از اندازه است"
    detail = "The body has as many benefits as it may have; take one out first."
    detail_fa = "شمار مزیت‌های این نهاد به سقف رسیده است؛ نخست یکی را بردارید."


class BodyCreditLimitReached(Problem):
    """More than is left of the limit."""

    status = 409
    code = "body-credit-limit"
    title = "Beyond the bank's limit"
    title_fa = "بیش از سقف اعتبار بانک"
    detail = "Less than this is left of the limit."
    detail_fa = "ماندهٔ سقف اعتبار کمتر از این مبلغ است."
    field = "rials"


class BodyCreditNotDrawn(Problem):
    """More than is drawn."""

    status = 409
    code = "body-credit-not-drawn"
    title = "More than is drawn"
    title_fa = "بیش از مبلغ برداشت‌شده"
    detail = "Less than this is drawn and not yet repaid."
    detail_fa = "برداشت بازپرداخت‌نشده کمتر از این مبلغ است."
    field = "rials"


class BodyCreditReferenceTaken(Problem):
    """A line that says something else has the reference."""

    status = 409
    code = "body-credit-reference"
    title = "Reference taken"
    title_fa = "شمارهٔ ارجاع تکراری است"
    detail = "A line of another kind or amount has this reference."
    detail_fa = "ردیف دیگری با نوع یا مبلغ دیگر همین شمارهٔ ارجاع را دارد."
    field = "reference"


class BodyStatementPeriod(Problem):
    """The days are turned round, or too many."""

    status = 409
    code = "body-statement-period"
    title = "Not these days"
    title_fa = "بازهٔ نادرست"
    detail = "A statement is for at most 366 days, the first before the last."
    detail_fa = "صورت‌حساب برای حداکثر ۳۶۶ روز است و روز نخست پیش از روز پایان می‌آید."
