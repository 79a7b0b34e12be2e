"""What can hinder those who watch risk."""

from host_api.core.errors import Problem


class LimitNotFound(Problem):
    """No limit has this id."""

    status = 404
    code = "risk-limit-not-found"
    title = "Limit not found"
    title_fa = "حد پیدا نشد"
    detail = "There is no risk limit with this id."
    detail_fa = "حد ریسکی با این شناسه وجود ندارد."


class LimitNotInThisState(Problem):
    """The limit stands elsewhere."""

    status = 409
    code = "risk-limit-state"
    title = "Not possible in this state"
    title_fa = "در این وضعیت شدنی نیست"
    detail = "The limit waits for a decision, is paused, active or over by now; read it again."
    detail_fa = "وضعیت این حد دیگر شده است؛ دوباره بخوانید."


class TooManyLimits(Problem):
    """Each limit costs time with each transaction."""

    status = 409
    code = "risk-too-many-limits"
    title = "Too many limits"
    title_fa = "شمار حدها زیاد است"
    detail = "A club has at most 100 active limits; pause or end one first."
    detail_fa = "باشگاه حداکثر ۱۰۰ حد فعال دارد؛ نخست یکی را متوقف کنید یا پایان دهید."


class LimitNotForSwitch(Problem):
    """The rule language can't say it."""

    status = 409
    code = "risk-limit-not-for-switch"
    title = "Can't stop sales"
    title_fa = "جلوی فروش را نمی‌گیرد"
    detail = (
        "Only sales, their amount and redemptions, per card, member, terminal, branch or operator, in an "
        "hour, a day or a week, can be stopped by the switch; other limits warn and act afterwards."
    )
    detail_fa = (
        "سوئیچ تنها تعداد و مبلغ فروش و تعداد خرج از کیف‌ها را به تفکیک کارت، عضو، پایانه، شعبه یا اپراتور "
        "و در ساعت، روز یا هفته نگه می‌دارد؛ حدهای دیگر پس از آن هشدار می‌دهند و اقدام می‌کنند."
    )


class AlertNotFound(Problem):
    """No alert has this id."""

    status = 404
    code = "risk-alert-not-found"
    title = "Alert not found"
    title_fa = "هشدار پیدا نشد"
    detail = "There is no alert with this id."
    detail_fa = "هشداری با این شناسه وجود ندارد."


class AlertDecided(Problem):
    """Somebody has told whether it was right."""

    status = 409
    code = "risk-alert-decided"
    title = "Alert decided already"
    title_fa = "هشدار پیش‌تر بررسی شده است"
    detail = "Somebody has told already whether this alert was right."
    detail_fa = "پیش‌تر گفته شده که این هشدار درست بوده است یا نه."


class NothingToAct(Problem):
    """The alert names no such card, terminal or operator."""

    status = 409
    code = "risk-act-without-target"
    title = "Nothing to act on"
    title_fa = "موضوعی برای اقدام نیست"
    detail = "The alert names no card, terminal or operator of this kind."
    detail_fa = "این هشدار کارت، پایانه یا اپراتوری از این نوع ندارد."


class ActNotFound(Problem):
    """No act of this alert has this id."""

    status = 404
    code = "risk-act-not-found"
    title = "Act not found"
    title_fa = "اقدام پیدا نشد"
    detail = "There is no act with this id."
    detail_fa = "اقدامی با این شناسه وجود ندارد."


class TooManyStreams(Problem):
    """Each stream holds a connection and looks every second."""

    status = 503
    code = "risk-too-many-streams"
    title = "Too many streams"
    title_fa = "شمار دنبال‌کنندگان زیاد است"
    detail = "Too many callers follow alerts at once; try again in a minute."
    detail_fa = "شمار زیادی هشدارها را زنده دنبال می‌کنند؛ یک دقیقه دیگر دوباره بکوشید."


class TradeConflict(Problem):
    """The reference stands for another trade."""

    status = 409
    code = "risk-trade-conflict"
    title = "Another trade has this reference"
    title_fa = "معاملهٔ دیگری همین شناسه را دارد"
    detail = "A trade with this reference was told with other content."
    detail_fa = "معامله‌ای با همین شناسه و محتوای دیگر پیش‌تر ثبت شده است."
    field = "reference"


class SymbolNotFound(Problem):
    """The list has no such symbol."""

    status = 404
    code = "risk-symbol-not-found"
    title = "Symbol not listed"
    title_fa = "نماد در فهرست نیست"
    detail = "The list of risky symbols has no entry with this id."
    detail_fa = "فهرست نمادهای پرریسک چنین نمادی ندارد."


class SymbolListed(Problem):
    """A symbol stands once."""

    status = 409
    code = "risk-symbol-listed"
    title = "Symbol listed already"
    title_fa = "نماد در فهرست هست"
    detail = "The list of risky symbols has this symbol already."
    detail_fa = "این نماد پیش‌تر در فهرست نمادهای پرریسک آمده است."
    field = "symbol"


class RatingNotFound(Problem):
    """The member has not been rated yet."""

    status = 404
    code = "risk-rating-not-found"
    title = "Not rated yet"
    title_fa = "هنوز رده‌بندی نشده است"
    detail = "There is no such member, or the nightly job has not rated them yet."
    detail_fa = "چنین عضوی نیست یا کار شبانه هنوز او را رده‌بندی نکرده است."
