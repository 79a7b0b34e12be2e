"""Why somebody can't join, or an application can't be dealt with so."""

from collections.abc import Sequence

from host_api.core.errors import FieldProblem, Problem


class PolicyNotFound(Problem):
    """Nobody has said how one joins this club or sub-club."""

    status = 404
    code = "joining-policy-not-found"
    title = "No joining policy"
    title_fa = "سیاست عضویت نیست"
    detail = "There is no joining policy for this club or sub-club, or with this id."
    detail_fa = "برای این باشگاه یا زیرباشگاه، یا با این شناسه، سیاست عضویتی تعیین نشده است."


class PolicyTaken(Problem):
    """The club or sub-club has a policy, or the keyword is another's."""

    status = 409
    code = "joining-policy-taken"
    title = "Policy or keyword taken"
    title_fa = "سیاست یا کلیدواژه تکراری است"
    detail = "There is a policy for this club or sub-club already, or another one has this keyword."
    detail_fa = "برای این باشگاه یا زیرباشگاه سیاستی هست، یا کلیدواژه از آن سیاست دیگری است."


class PolicyContradicts(Problem):
    """An open club asks for nothing, and joining by SMS needs a keyword."""

    status = 422
    code = "joining-policy-contradicts"
    title = "Policy contradicts itself"
    title_fa = "سیاست با خود نمی‌خواند"
    detail = (
        "An open club has no fee, no required fields and no approval; joining by SMS needs a keyword and can "
        "have no required field but the mobile number."
    )
    detail_fa = (
        "باشگاه باز حق عضویت، اطلاعات اجباری و تأیید ندارد؛ عضویت پیامکی کلیدواژه می‌خواهد "
        "و جز شمارهٔ همراه اطلاعات اجباری نمی‌پذیرد."
    )


class WayClosed(Problem):
    """One can't join on this way."""

    status = 409
    code = "joining-way-closed"
    title = "This way is closed"
    title_fa = "این راه بسته است"
    detail = "The club takes no members on this way."
    detail_fa = "باشگاه از این راه عضو نمی‌پذیرد."
    field = "way"


class FormIncomplete(Problem):
    """Data or agreements are missing that the policy asks for; `errors` names them."""

    status = 422
    code = "joining-form-incomplete"
    title = "Form incomplete"
    title_fa = "فرم کامل نیست"
    detail = "The club asks for more; what is missing is named in `errors`."
    detail_fa = "باشگاه اطلاعات بیشتری می‌خواهد؛ موارد جاافتاده در errors آمده است."

    def __init__(self, missing: Sequence[str] = ()) -> None:
        super().__init__(
            [
                FieldProblem(
                    field=name,
                    location="body",
                    code="missing",
                    message="The club asks for this",
                    message_fa="باشگاه این مورد را می‌خواهد.",
                )
                for name in missing
            ]
        )


class AlreadyMember(Problem):
    """A member has the mobile number or national id."""

    status = 409
    code = "joining-already-member"
    title = "Already a member"
    title_fa = "پیش‌تر عضو شده است"
    detail = "A member has this mobile number or national id already."
    detail_fa = "عضوی با همین شمارهٔ همراه یا کد ملی هست."


class JoiningNotPermitted(Problem):
    """The block list has the mobile number or national id."""

    status = 409
    code = "joining-not-permitted"
    title = "Not permitted to join"
    title_fa = "عضویت مجاز نیست"
    detail = "The club does not take whoever has this mobile number or national id."
    detail_fa = "باشگاه دارندهٔ این شمارهٔ همراه یا کد ملی را نمی‌پذیرد."


class ApplicationPending(Problem):
    """Somebody with the mobile number or national id has applied already."""

    status = 409
    code = "joining-application-pending"
    title = "Application pending"
    title_fa = "درخواستی در جریان است"
    detail = "An application with this mobile number or national id is being dealt with."
    detail_fa = "درخواستی با همین شمارهٔ همراه یا کد ملی در جریان است."


class ApplicationNotFound(Problem):
    """No application has this id."""

    status = 404
    code = "joining-application-not-found"
    title = "Application not found"
    title_fa = "درخواست عضویت پیدا نشد"
    detail = "There is no application with this id."
    detail_fa = "درخواستی با این شناسه وجود ندارد."


class NotInThisState(Problem):
    """The application waits for something else, or is over."""

    status = 409
    code = "joining-application-state"
    title = "Not in this state"
    title_fa = "وضعیت درخواست اجازه نمی‌دهد"
    detail = "The application waits for something else, or has been decided; its state tells."
    detail_fa = "درخواست در انتظار چیز دیگری است یا تصمیم آن گرفته شده است؛ وضعیتش را ببینید."


class CodeWrong(Problem):
    """The code is not the one that was texted."""

    status = 409
    code = "joining-code-wrong"
    title = "Wrong code"
    title_fa = "کد نادرست است"
    detail = "This is not the code that was texted; it can be tried a few times."
    detail_fa = "این کد پیامک‌شده نیست؛ چند بار می‌توان آزمود."
    field = "code"


class CodeOver(Problem):
    """The code is too old, or was tried too often."""

    status = 409
    code = "joining-code-over"
    title = "Code no longer valid"
    title_fa = "اعتبار کد تمام شده است"
    detail = "The code is too old or was tried too often; have another one sent."
    detail_fa = "کد کهنه شده یا بیش از اندازه آزموده شده است؛ کد دیگری بخواهید."
    field = "code"


class TooManyCodes(Problem):
    """Another code was asked for too soon, or too many were."""

    status = 409
    code = "joining-too-many-codes"
    title = "Too many codes"
    title_fa = "کدها بیش از اندازه است"
    detail = "One number gets a code once a minute and ten times a day at most."
    detail_fa = "برای هر شماره کد دقیقه‌ای یک بار و روزی حداکثر ده بار فرستاده می‌شود."


class AttemptNotFound(Problem):
    """No failed attempt has this id."""

    status = 404
    code = "joining-attempt-not-found"
    title = "Attempt not found"
    title_fa = "تلاش پیدا نشد"
    detail = "There is no failed attempt with this id."
    detail_fa = "تلاش ناموفقی با این شناسه وجود ندارد."
