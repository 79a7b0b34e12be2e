"""What can hinder spending at partners."""

from host_api.core.errors import Problem


class PartnerNotFound(Problem):
    """No partner has this id."""

    status = 404
    code = "partner-not-found"
    title = "Partner not found"
    title_fa = "شریک پیدا نشد"
    detail = "There is no partner with this id."
    detail_fa = "شریکی با این شناسه وجود ندارد."


class PartnerTaken(Problem):
    """Another partner has this code or this key."""

    status = 409
    code = "partner-taken"
    title = "Code or key taken"
    title_fa = "کد یا کلید تکراری است"
    detail = "Another partner has this code or is known by this API key."
    detail_fa = "شریک دیگری این کد یا این کلید API را دارد."


class PartnerTermsContradict(Problem):
    """Least and most would be the wrong way round."""

    status = 422
    code = "partner-terms-contradict"
    title = "Terms contradict each other"
    title_fa = "شرایط ناسازگار است"
    detail = "most_units would be less than least_units."
    detail_fa = "سقف مقدار از کف آن کمتر می‌شود."
    field = "most_units"


class NotAPartner(Problem):
    """The caller's key is no partner's."""

    status = 403
    code = "not-a-partner"
    title = "Not a partner"
    title_fa = "کلید هیچ شریکی نیست"
    detail = "This is for partners' own API keys; the club joins a key with a partner."
    detail_fa = "این نشانی برای کلید خود شریک‌هاست؛ باشگاه کلید را به شریک پیوند می‌دهد."


class PartnerNotOpen(Problem):
    """The contract is not in force."""

    status = 409
    code = "partner-not-open"
    title = "Contract not in force"
    title_fa = "قرارداد برقرار نیست"
    detail = "The partner is suspended, or its contract has not begun or is over."
    detail_fa = "شریک معلق است، یا قراردادش آغاز نشده یا پایان یافته است."


class ProofNotAccepted(Problem):
    """The contract wants another proof."""

    status = 409
    code = "partner-proof"
    title = "Proof not accepted"
    title_fa = "این تأیید پذیرفته نیست"
    detail = "The contract lets members prove a spending in another way."
    detail_fa = "قرارداد شیوهٔ دیگری برای تأیید عضو می‌خواهد."


class SpenderNotFound(Problem):
    """No active member has this number or card."""

    status = 409
    code = "partner-spender"
    title = "Member not found"
    title_fa = "عضو پیدا نشد"
    detail = "No active member has this id, mobile number or active card."
    detail_fa = "عضو فعالی با این شناسه، شمارهٔ همراه یا کارت فعال نیست."


class PartnerUnitsOutOfRange(Problem):
    """Fewer or more units than one spending may have."""

    status = 409
    code = "partner-units"
    title = "Units out of range"
    title_fa = "مقدار خارج از محدوده است"
    detail = "The contract lets one spending have more or fewer units."
    detail_fa = "قرارداد برای هر خرید مقدار دیگری می‌خواهد."
    field = "units"


class PartnerReferenceUsed(Problem):
    """The partner has used this reference for something else."""

    status = 409
    code = "partner-reference-used"
    title = "Reference used otherwise"
    title_fa = "شماره پیش‌تر به کار رفته است"
    detail = "The partner has used this reference for another member or for other units."
    detail_fa = "شریک این شماره را برای عضو یا مقدار دیگری به کار برده است."
    field = "reference"


class PartnerSpendingNotFound(Problem):
    """No spending has this id or reference."""

    status = 404
    code = "partner-spending-not-found"
    title = "Spending not found"
    title_fa = "خرید پیدا نشد"
    detail = "There is no such spending of this partner."
    detail_fa = "چنین خریدی از این شریک وجود ندارد."


class PartnerSpendingState(Problem):
    """The spending stands elsewhere."""

    status = 409
    code = "partner-spending-state"
    title = "Not possible in this state"
    title_fa = "در این وضعیت شدنی نیست"
    detail = "The spending was refused, or stands elsewhere by now; read it again."
    detail_fa = "خرید پذیرفته نشده یا وضعیتش دیگر شده است؛ دوباره بخوانید."


class StatementPeriod(Problem):
    """The days are the wrong way round, or too many."""

    status = 422
    code = "partner-statement-period"
    title = "Period not accepted"
    title_fa = "دوره پذیرفته نیست"
    detail = "A statement is from a day to the same or a later one, 366 days at most."
    detail_fa = "صورت‌حساب از یک روز تا همان روز یا روزی پس از آن، حداکثر ۳۶۶ روز است."
