"""What can be wrong with identities."""

from host_api.core.errors import Problem


class IdentityTaken(Problem):
    """Another member has an identity of a kind of which each is one member's only."""

    status = 409
    code = "identity-taken"
    title = "Identity taken"
    title_fa = "این شناسه از آن عضو دیگری است"
    detail = "Another member has this identity, and the club's policy lets only one have it."
    detail_fa = "عضو دیگری همین شناسه را دارد و باشگاه آن را تنها برای یک عضو می‌پذیرد."
    field = "value"


class IdentityNotFound(Problem):
    """The member has no identity with this id."""

    status = 404
    code = "identity-not-found"
    title = "Identity not found"
    title_fa = "شناسه پیدا نشد"
    detail = "The member has no identity with this id."
    detail_fa = "این عضو چنین شناسه‌ای ندارد."


class IdentityKindNotFound(Problem):
    """The programme has no such kind."""

    status = 404
    code = "identity-kind-not-found"
    title = "No such kind of identity"
    title_fa = "چنین گونه‌ای از شناسه نیست"
    detail = "The programme has no kind of identity with this name."
    detail_fa = "این برنامه گونهٔ شناسه‌ای با این نام ندارد."


class IdentityKindTaken(Problem):
    """The kind is there already."""

    status = 409
    code = "identity-kind-taken"
    title = "Kind of identity taken"
    title_fa = "این گونه شناسه هست"
    detail = "There is a kind of identity with this name already."
    detail_fa = "گونهٔ شناسه‌ای با همین نام هست."
    field = "kind"


class IdentitiesNotUnique(Problem):
    """Members share values of a kind that is to be unique."""

    status = 409
    code = "identities-not-unique"
    title = "Members share identities"
    title_fa = "عضوها شناسهٔ یکسان دارند"
    detail = "Some members have the same identity of this kind; part them before it becomes unique."
    detail_fa = "برخی عضوها شناسهٔ یکسان از این گونه دارند؛ پیش از یکتا شدن آن‌ها را جدا کنید."
    field = "is_unique"


class IdentityMalformed(Problem):
    """The value is no identity of its kind."""

    status = 422
    code = "identity-malformed"
    title = "Not such an identity"
    title_fa = "این شناسه درست نیست"
    detail = "The value is no identity of this kind."
    detail_fa = "مقدار با این گونه شناسه نمی‌خواند."
    field = "value"


class TooManyIdentities(Problem):
    """A member has as many identities as one may have."""

    status = 409
    code = "too-many-identities"
    title = "Too many identities"
    title_fa = "شناسه‌ها بیش از اندازه است"
    detail = "A member may have at most 20 identities."
    detail_fa = "هر عضو حداکثر ۲۰ شناسه می‌تواند داشته باشد."
