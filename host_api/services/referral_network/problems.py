"""What can stand against a wish."""

from host_api.core.errors import Problem


class CodeUnknown(Problem):
    """Nobody has this code."""

    status = 404
    code = "referrer-code-unknown"
    title = "Referrer code unknown"
    title_fa = "کد معرف ناشناخته است"
    detail = "No member has this code; see whether a letter is wrong."
    detail_fa = "هیچ عضوی این کد را ندارد؛ حرف‌ها را بررسی کنید."
    field = "code"


class CodeRegisteredBefore(Problem):
    """A member registers a code once."""

    status = 409
    code = "referrer-code-registered-before"
    title = "A code was registered before"
    title_fa = "پیش‌تر کد معرف ثبت شده است"
    detail = "This member has registered a referrer's code already, or was given an introducer."
    detail_fa = "این عضو پیش‌تر کد معرف ثبت کرده یا معرفی دارد."


class RegistrationTooLate(Problem):
    """The time after joining is over."""

    status = 409
    code = "referral-registration-too-late"
    title = "Too late for a referrer's code"
    title_fa = "مهلت ثبت کد معرف گذشته است"
    detail = "The time in which a new member can register a referrer's code is over."
    detail_fa = "مهلتی که عضو تازه می‌تواند کد معرف ثبت کند گذشته است."


class OwnBranch(Problem):
    """The introducer stands below the member, or is the member."""

    status = 409
    code = "referral-own-branch"
    title = "The introducer is in the member's own branch"
    title_fa = "معرف در شاخهٔ خود عضو است"
    detail = (
        "A member can't be introduced by themselves or by somebody whom they introduced, however indirectly."
    )
    detail_fa = "عضو نمی‌تواند معرف خود باشد یا کسی را معرف بگیرد که در شاخهٔ خود اوست."


class BranchesFull(Problem):
    """The introducer has as many branches as a member may have."""

    status = 409
    code = "referral-branches-full"
    title = "The introducer has no branch left"
    title_fa = "ظرفیت شاخه‌های معرف پر است"
    detail = "This introducer has as many branches as the policy allows."
    detail_fa = "معرف به تعداد مجاز شاخه دارد."


class NetworkClosed(Problem):
    """There is no policy in force."""

    status = 409
    code = "referral-network-closed"
    title = "The network has no policy in force"
    title_fa = "شبکه سیاست جاری ندارد"
    detail = "Codes can be registered once a policy has been approved and has begun."
    detail_fa = "پس از تأیید و آغاز یک سیاست می‌توان کد ثبت کرد."


class MemberNotInNetwork(Problem):
    """The member takes no part: blocked, erased or merged, or has no place yet."""

    status = 409
    code = "referral-member-not-in-network"
    title = "The member takes no part in the network"
    title_fa = "عضو در شبکه نیست"
    detail = "This member is blocked, was erased or merged, or has no place in the network."
    detail_fa = "این عضو مسدود، حذف یا ادغام شده یا در شبکه جایی ندارد."


class BranchNotFound(Problem):
    """The member has no introducer, so there is no branch."""

    status = 404
    code = "referral-branch-not-found"
    title = "Branch not found"
    title_fa = "شاخه پیدا نشد"
    detail = "This member hangs on no branch: nobody introduced them."
    detail_fa = "این عضو معرفی ندارد و در شاخه‌ای نیست."


class BranchAlreadySo(Problem):
    """A suspended branch was to be suspended, or one that counts resumed."""

    status = 409
    code = "referral-branch-already-so"
    title = "Nothing to change"
    title_fa = "وضعیت همین است"
    detail = "The branch stands so already."
    detail_fa = "شاخه هم‌اکنون همین وضعیت را دارد."


class MoveNotFound(Problem):
    """No move has this id."""

    status = 404
    code = "referral-move-not-found"
    title = "Move not found"
    title_fa = "جابه‌جایی پیدا نشد"
    detail = "There is no move with this id."
    detail_fa = "جابه‌جایی با این شناسه وجود ندارد."


class PolicyNotFound(Problem):
    """No policy has this id."""

    status = 404
    code = "referral-policy-not-found"
    title = "Policy not found"
    title_fa = "سیاست پیدا نشد"
    detail = "There is no policy of the network with this id."
    detail_fa = "سیاست شبکه با این شناسه وجود ندارد."
