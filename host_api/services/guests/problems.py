"""What the guests service refuses."""

from host_api.core.errors import Problem


class GuestNotFound(Problem):
    """No guest has this id."""

    status = 404
    code = "guest-not-found"
    title = "Guest not found"
    title_fa = "مهمان پیدا نشد"
    detail = "There is no guest with this id."
    detail_fa = "مهمانی با این شناسه وجود ندارد."


class GuestIdentityUnfit(Problem):
    """A national id of a person for an organisation, or the other way round."""

    status = 409
    code = "guest-identity-unfit"
    title = "Identity of the other kind"
    title_fa = "شناسه از نوع دیگر است"
    detail = "A person has a national id, an organisation has a legal person's id."
    detail_fa = "شخص کد ملی دارد و سازمان شناسهٔ ملی."


class GuestIsMerged(Problem):
    """The record has gone into another."""

    status = 409
    code = "guest-is-merged"
    title = "Merged into another"
    title_fa = "در رکورد دیگری ادغام شده است"
    detail = "This record went into another guest; use that one."
    detail_fa = "این رکورد در مهمان دیگری ادغام شده است؛ همان را به کار ببرید."


class SameGuest(Problem):
    """A record can't go into itself."""

    status = 409
    code = "guest-same"
    title = "The same guest"
    title_fa = "هر دو یک مهمان است"
    detail = "Merging takes two different records."
    detail_fa = "ادغام میان دو رکورد متفاوت است."
    field = "other_id"


class GuestsNotAlike(Problem):
    """The two can't be the same party."""

    status = 409
    code = "guests-not-alike"
    title = "Not the same party"
    title_fa = "یک طرف نیستند"
    detail = "A person and an organisation, or two who became different members, can't be merged."
    detail_fa = "شخص و سازمان، یا دو مهمان که عضوهای متفاوتی شده‌اند، ادغام نمی‌شوند."
    field = "other_id"


class OrganisationCantJoin(Problem):
    """Only persons become members."""

    status = 409
    code = "guest-organisation-cannot-join"
    title = "Organisations don't join"
    title_fa = "سازمان عضو نمی‌شود"
    detail = "Only a person can become a member."
    detail_fa = "تنها اشخاص می‌توانند عضو شوند."


class GuestNotPermitted(Problem):
    """The guest stands on the block list."""

    status = 409
    code = "guest-not-permitted"
    title = "Not permitted to join"
    title_fa = "مجاز به عضویت نیست"
    detail = "This guest's mobile number or national id is on the block list."
    detail_fa = "شمارهٔ همراه یا کد ملی این مهمان در فهرست غیرمجازها است."
