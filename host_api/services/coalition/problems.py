"""What can hinder the coalition."""

from host_api.core.errors import Problem


class ClubNotFound(Problem):
    """No partner club has this id."""

    status = 404
    code = "club-not-found"
    title = "Partner club not found"
    title_fa = "باشگاه هم‌پیمان پیدا نشد"
    detail = "There is no partner club with this id."
    detail_fa = "باشگاه هم‌پیمانی با این شناسه وجود ندارد."


class ClubTaken(Problem):
    """Another partner club has this code or this key."""

    status = 409
    code = "club-taken"
    title = "Code or key taken"
    title_fa = "کد یا کلید تکراری است"
    detail = "Another partner club has this code or is known by this API key."
    detail_fa = "باشگاه دیگری این کد یا این کلید API را دارد."


class ClubUnknownHere(Problem):
    """No other programme of this installation has this code."""

    status = 422
    code = "club-unknown-here"
    title = "No such programme"
    title_fa = "چنین برنامه‌ای نیست"
    detail = "A local partner club is another active programme of this installation, by its code."
    detail_fa = "باشگاه هم‌پیمان محلی باید برنامهٔ فعال دیگری از همین سامانه با همین کد باشد."
    field = "club_code"


class NotAClub(Problem):
    """The caller's key is no partner club's."""

    status = 403
    code = "not-a-club"
    title = "Not a partner club"
    title_fa = "کلید هیچ باشگاهی نیست"
    detail = "This is for partner clubs' own API keys; a key is joined with a club in `api_key_id`."
    detail_fa = "این نشانی برای کلید خود باشگاه‌های هم‌پیمان است؛ کلید در api_key_id به باشگاه پیوند می‌خورد."


class ClubNotOpen(Problem):
    """The partner club is suspended."""

    status = 409
    code = "club-not-open"
    title = "Partner club suspended"
    title_fa = "باشگاه هم‌پیمان معلق است"
    detail = "The partner club is suspended; nothing new is exchanged with it."
    detail_fa = "باشگاه هم‌پیمان معلق است و مبادلهٔ تازه‌ای با آن انجام نمی‌شود."


class ClubContractNotFound(Problem):
    """No contract has this id."""

    status = 404
    code = "club-contract-not-found"
    title = "Contract not found"
    title_fa = "قرارداد پیدا نشد"
    detail = "There is no contract of clubs with this id."
    detail_fa = "قرارداد باشگاهی با این شناسه وجود ندارد."


class ClubContractCodeTaken(Problem):
    """The clubs have used this code before."""

    status = 409
    code = "club-contract-code-taken"
    title = "Contract code taken"
    title_fa = "کد قرارداد تکراری است"
    detail = "The two clubs have, or had, another contract with this code."
    detail_fa = "این دو باشگاه قرارداد دیگری با همین کد دارند یا داشته‌اند."
    field = "code"


class ClubContractNotOpen(Problem):
    """The contract is not in force."""

    status = 409
    code = "club-contract-not-open"
    title = "Contract not in force"
    title_fa = "قرارداد برقرار نیست"
    detail = "The contract has not been agreed by both clubs, or is over."
    detail_fa = "قرارداد را هر دو باشگاه نپذیرفته‌اند یا پایان یافته است."


class ClubLinkExists(Problem):
    """The member is linked with that club already."""

    status = 409
    code = "club-link-exists"
    title = "Linked already"
    title_fa = "پیوند پیش‌تر برقرار است"
    detail = "The member's record is linked, or about to be linked, with one of that club."
    detail_fa = "رکورد این عضو با رکوردی از آن باشگاه پیوند دارد یا در راه پیوند است."


class ClubLinkNotFound(Problem):
    """No link has this id."""

    status = 404
    code = "club-link-not-found"
    title = "Link not found"
    title_fa = "پیوند پیدا نشد"
    detail = "There is no link with this id."
    detail_fa = "پیوندی با این شناسه وجود ندارد."


class ClubLinkMissing(Problem):
    """The member has no record in that club."""

    status = 409
    code = "club-link-missing"
    title = "Not linked"
    title_fa = "پیوندی برقرار نیست"
    detail = "The member's record is not linked with one of that club."
    detail_fa = "رکورد این عضو با رکوردی از آن باشگاه پیوند ندارد."
    field = "member_id"


class ClubMemberNotActive(Problem):
    """No active member has this id."""

    status = 409
    code = "club-member"
    title = "Member not active"
    title_fa = "عضو فعال نیست"
    detail = "No active member has this id."
    detail_fa = "عضو فعالی با این شناسه نیست."
    field = "member_id"


class LessThanALot(Problem):
    """The units are less than one lot, or too many."""

    status = 409
    code = "less-than-a-lot"
    title = "Not a lot"
    title_fa = "کمتر از یک واحد مبادله"
    detail = "The units make no whole lot of the contract, or more than twelve digits can say."
    detail_fa = "این مقدار حتی یک واحد کامل مبادلهٔ قرارداد نیست یا بیش از دوازده رقم می‌شود."
    field = "units"


class ExchangeNotFound(Problem):
    """No exchange has this id."""

    status = 404
    code = "exchange-not-found"
    title = "Exchange not found"
    title_fa = "مبادله پیدا نشد"
    detail = "There is no exchange with this id."
    detail_fa = "مبادله‌ای با این شناسه وجود ندارد."


class ExchangeNotReturnable(Problem):
    """The exchange stands elsewhere."""

    status = 409
    code = "exchange-state"
    title = "Not possible in this state"
    title_fa = "در این وضعیت شدنی نیست"
    detail = "Only an exchange that is `unreturned` can be given back again."
    detail_fa = "تنها مبادله‌ای که unreturned است دوباره برگردانده می‌شود."


class LettersOutOfOrder(Problem):
    """A letter before these is missing."""

    status = 409
    code = "letters-out-of-order"
    title = "Letters out of order"
    title_fa = "ترتیب نامه‌ها درست نیست"
    detail = "A letter before these is missing; send on from the last one that was taken in."
    detail_fa = "نامه‌ای میان آخرین نامهٔ پذیرفته‌شده و این نامه‌ها کم است؛ از taken به بعد بفرستید."


class LetterNotUnderstood(Problem):
    """A letter says what can't be."""

    status = 422
    code = "letter-not-understood"
    title = "Letter not understood"
    title_fa = "نامه خوانده نشد"
    detail = "A letter has another form, or names something unknown; none of these was taken in."
    detail_fa = "نامه‌ای شکل دیگری دارد یا از چیزی ناشناخته می‌گوید؛ هیچ‌یک از این نامه‌ها پذیرفته نشد."


class ClubStatementNotFound(Problem):
    """No statement has this id."""

    status = 404
    code = "club-statement-not-found"
    title = "Statement not found"
    title_fa = "صورت‌حساب پیدا نشد"
    detail = "There is no statement with this id."
    detail_fa = "صورت‌حسابی با این شناسه وجود ندارد."


class ClubStatementPeriod(Problem):
    """The period is not over, or was stated before."""

    status = 409
    code = "club-statement-period"
    title = "Period not accepted"
    title_fa = "دوره پذیرفته نیست"
    detail = "A statement ends after the last one and not in the future, and one is open at a time."
    detail_fa = "پایان صورت‌حساب پس از پیشین و نه در آینده است و از هر باشگاه تنها یکی باز است."
    field = "end"


class ClubStatementNotAgreed(Problem):
    """The statement is not agreed, or settled already."""

    status = 409
    code = "club-statement-state"
    title = "Statement not agreed"
    title_fa = "صورت‌حساب توافق نشده است"
    detail = "Only a statement that both clubs have agreed on can be settled, and only once."
    detail_fa = "تنها صورت‌حسابی که هر دو باشگاه پذیرفته‌اند تسویه می‌شود و تنها یک بار."


class ClubSettlementNotFound(Problem):
    """No settlement has this id."""

    status = 404
    code = "club-settlement-not-found"
    title = "Settlement not found"
    title_fa = "تسویه پیدا نشد"
    detail = "There is no settlement with this id."
    detail_fa = "تسویه‌ای با این شناسه وجود ندارد."
