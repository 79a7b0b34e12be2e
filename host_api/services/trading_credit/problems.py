"""What can hinder trading credit."""

from host_api.core.errors import Problem


class CreditLineNotFound(Problem):
    """No line has this id."""

    status = 404
    code = "credit-line-not-found"
    title = "Credit line not found"
    title_fa = "اعتبار پیدا نشد"
    detail = "There is no line of trading credit with this id."
    detail_fa = "اعتبار معاملاتی با این شناسه وجود ندارد."


class CreditUnitsOutOfRange(Problem):
    """Fewer or more units than one line may cost, or worth nothing."""

    status = 409
    code = "credit-line-units"
    title = "Units out of range"
    title_fa = "مقدار خارج از محدوده است"
    detail = "The policy lets one line cost more or fewer units, or these would buy nothing."
    detail_fa = "سیاست باشگاه مقدار دیگری می‌خواهد، یا این مقدار اعتباری نمی‌خرد."
    field = "units"


class CreditNotForMember(Problem):
    """The member is not among those who may buy."""

    status = 409
    code = "credit-line-not-for-member"
    title = "Not for this member"
    title_fa = "این عضو مجاز نیست"
    detail = "The member is not active, or not among those for whom the policy is."
    detail_fa = "عضو فعال نیست یا سیاست باشگاه برای او نیست."
    field = "member_id"


class CreditLineNotInThisState(Problem):
    """The line stands elsewhere."""

    status = 409
    code = "credit-line-state"
    title = "Not possible in this state"
    title_fa = "در این وضعیت شدنی نیست"
    detail = "The line stands elsewhere by now; read it again."
    detail_fa = "وضعیت این اعتبار دیگر شده است؛ دوباره بخوانید."
