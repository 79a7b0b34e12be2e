"""What can hinder agreements."""

from collections.abc import Sequence

from host_api.core.errors import FieldProblem, Problem


class AgreementNotFound(Problem):
    """No agreement has this id."""

    status = 404
    code = "agreement-not-found"
    title = "Agreement not found"
    title_fa = "توافق‌نامه پیدا نشد"
    detail = "There is no agreement with this id."
    detail_fa = "توافق‌نامه‌ای با این شناسه وجود ندارد."


class AgreementCodeTaken(Problem):
    """Another agreement has this code."""

    status = 409
    code = "agreement-code-taken"
    title = "Code taken"
    title_fa = "این کد به کار رفته است"
    detail = "Another agreement has this code."
    detail_fa = "توافق‌نامهٔ دیگری همین کد را دارد."
    field = "code"


class AgreementVersionNotFound(Problem):
    """No version has this id, or it isn't published where only published ones count."""

    status = 404
    code = "agreement-version-not-found"
    title = "Version not found"
    title_fa = "نسخه پیدا نشد"
    detail = "There is no such version of an agreement."
    detail_fa = "چنین نسخه‌ای از توافق‌نامه وجود ندارد."


class DraftOpen(Problem):
    """An agreement has one draft at a time."""

    status = 409
    code = "agreement-draft-open"
    title = "Another draft is open"
    title_fa = "پیش‌نویس دیگری باز است"
    detail = "The agreement has a draft already; publish, reject or cancel it first."
    detail_fa = "این توافق‌نامه پیش‌نویسی باز دارد؛ نخست آن را منتشر، رد یا لغو کنید."


class EffectiveInThePast(Problem):
    """A text would have been in force before it was published, or before an earlier version."""

    status = 422
    code = "agreement-in-the-past"
    title = "In force too early"
    title_fa = "زمان اعتبار زودتر از موعد است"
    detail = "A version is in force from now or later, and after the versions before it."
    detail_fa = "هر نسخه از اکنون یا پس از آن، و پس از نسخه‌های پیشین معتبر است."
    field = "effective_from"


class AgreementBitsUsedUp(Problem):
    """The members' records on the switch have no room for another text to be accepted."""

    status = 409
    code = "agreement-bits-used-up"
    title = "No room on the switch"
    title_fa = "جایی در سوییچ نمانده است"
    detail = "All 256 places of agreements in members' records are taken."
    detail_fa = "هر ۲۵۶ جای توافق‌نامه در رکورد اعضا گرفته شده است."


class OtherVersionInForce(Problem):
    """What was accepted is not the text in force, nor the next one."""

    status = 409
    code = "agreement-other-version"
    title = "Another text is in force"
    title_fa = "متن دیگری معتبر است"
    detail = "The hash is not that of the text in force or of the next one; show the text again."
    detail_fa = "این درهم‌سازی از متن معتبر یا متن بعدی نیست؛ متن را دوباره نشان دهید."
    field = "content_hash"


class OfOtherParty(Problem):
    """The agreement is for members where a merchant was named, or the other way round."""

    status = 409
    code = "agreement-party"
    title = "For another party"
    title_fa = "طرف دیگری دارد"
    detail = "This agreement is for members where a merchant was named, or for merchants where a member was."
    detail_fa = "این توافق‌نامه برای اعضاست و پذیرنده نام برده شده، یا برعکس."


class ProofNotOfMember(Problem):
    """The transaction is another one's."""

    status = 409
    code = "agreement-proof"
    title = "Not this member's transaction"
    title_fa = "تراکنش این عضو نیست"
    detail = "The transaction that is to prove the acceptance is not this member's at this terminal."
    detail_fa = "تراکنشی که باید پذیرش را ثابت کند از این عضو در این پایانه نیست."
    field = "proof.rrn"


class AgreementNotAccepted(Problem):
    """The member has not accepted what this act waits for."""

    status = 409
    code = "agreement-not-accepted"
    title = "Agreement not accepted"
    title_fa = "توافق‌نامه پذیرفته نشده است"
    detail = "The member has to accept the agreements that `errors` names first."
    detail_fa = "عضو باید نخست توافق‌نامه‌هایی را که errors نام می‌برد بپذیرد."

    def __init__(self, missing: Sequence[tuple[str, str, str]] = ()) -> None:
        super().__init__(
            [
                FieldProblem(
                    field="member_id",
                    location="body",
                    code=code,
                    message=f"{title_en} has not been accepted",
                    message_fa=f"«{title_fa}» پذیرفته نشده است",
                )
                for code, title_fa, title_en in missing
            ]
        )
