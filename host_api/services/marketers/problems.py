"""What can hinder work with marketers."""

from host_api.core.errors import Problem


class MarketerNotFound(Problem):
    """No marketer has this id."""

    status = 404
    code = "marketer-not-found"
    title = "Marketer not found"
    title_fa = "بازاریاب پیدا نشد"
    detail = "There is no marketer with this id."
    detail_fa = "بازاریابی با این شناسه وجود ندارد."


class MarketerExists(Problem):
    """The member is a marketer already."""

    status = 409
    code = "marketer-exists"
    title = "A marketer already"
    title_fa = "پیش‌تر بازاریاب شده است"
    detail = "This member is a marketer already."
    detail_fa = "این عضو هم‌اکنون بازاریاب است."
    field = "member_id"


class EntryReferenceTaken(Problem):
    """Another entry has the reference."""

    status = 409
    code = "marketer-entry-reference-taken"
    title = "Reference is taken"
    title_fa = "این شماره گرفته شده است"
    detail = "There is an entry with this reference already; a correction is an entry of its own."
    detail_fa = "ثبتی با این شماره هست؛ اصلاح، ثبتی جداگانه است."
    field = "reference"


class EntryInTheFuture(Problem):
    """The day of an entry has not come yet."""

    status = 422
    code = "marketer-entry-in-the-future"
    title = "Day lies in the future"
    title_fa = "روز در آینده است"
    detail = "What counts for a marketer has happened today or earlier."
    detail_fa = "آنچه برای بازاریاب به شمار می‌آید امروز یا پیش از آن رخ داده است."
    field = "day"


class StatementNotFound(Problem):
    """No statement has this id."""

    status = 404
    code = "marketer-statement-not-found"
    title = "Statement not found"
    title_fa = "صورت‌حساب پیدا نشد"
    detail = "There is no statement of a marketer with this id."
    detail_fa = "صورت‌حساب بازاریابی با این شناسه وجود ندارد."


class StatementNotDue(Problem):
    """Nothing is to be paid by it."""

    status = 409
    code = "marketer-statement-not-due"
    title = "Nothing to pay"
    title_fa = "چیزی برای پرداخت نیست"
    detail = "The statement is paid, owes nothing, or a payment of it waits for a second person."
    detail_fa = "این صورت‌حساب پرداخت شده، بدهی ندارد یا پرداخت آن در انتظار نفر دوم است."


class PaymentNotFound(Problem):
    """No payment has this id."""

    status = 404
    code = "marketer-payment-not-found"
    title = "Payment not found"
    title_fa = "پرداخت پیدا نشد"
    detail = "There is no payment to a marketer with this id."
    detail_fa = "پرداختی به بازاریاب با این شناسه وجود ندارد."


class AffiliateLinkNotFound(Problem):
    """No link has this id or code, or it is closed."""

    status = 404
    code = "affiliate-link-not-found"
    title = "Link not found"
    title_fa = "پیوند پیدا نشد"
    detail = "There is no affiliate link with this id or code, or it takes no clicks now."
    detail_fa = "پیوند بازاریابی با این شناسه یا کد نیست، یا اکنون کلیک نمی‌پذیرد."


class AffiliateCodeTaken(Problem):
    """Another link has the code."""

    status = 409
    code = "affiliate-code-taken"
    title = "Code is taken"
    title_fa = "این کد گرفته شده است"
    detail = "There is an affiliate link with this code already."
    detail_fa = "پیوند بازاریابی با این کد هست."
    field = "code"


class NoClickInWindow(Problem):
    """The visitor has clicked no link lately enough."""

    status = 409
    code = "affiliate-no-click"
    title = "No click in the window"
    title_fa = "کلیکی در مهلت نیست"
    detail = "This visitor has no counted click on an open link within its window."
    detail_fa = "این بازدیدکننده در مهلت هیچ پیوند بازی کلیک شمرده‌شده ندارد."
    field = "visitor"


class AttributedAlready(Problem):
    """The customer came by a click before."""

    status = 409
    code = "affiliate-attributed-already"
    title = "Attributed already"
    title_fa = "پیش‌تر نسبت داده شده است"
    detail = "This customer has been attributed to a link already; there is one for each."
    detail_fa = "این مشتری پیش‌تر به پیوندی نسبت داده شده است؛ هر مشتری یکی دارد."
    field = "member_id"
