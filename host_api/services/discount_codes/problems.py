"""What can be wrong with pools and codes."""

from host_api.core.errors import Problem


class PoolNotFound(Problem):
    """No pool has this id."""

    status = 404
    code = "code-pool-not-found"
    title = "Code pool not found"
    title_fa = "مخزن کد پیدا نشد"
    detail = "There is no pool of codes with this id."
    detail_fa = "مخزن کدی با این شناسه وجود ندارد."


class PoolTaken(Problem):
    """Another pool has the code."""

    status = 409
    code = "code-pool-taken"
    title = "Pool's code is taken"
    title_fa = "نام کوتاه مخزن تکراری است"
    detail = "Another pool has this short code."
    detail_fa = "مخزن دیگری همین نام کوتاه را دارد."
    field = "code"


class PoolEmpty(Problem):
    """No code can be given."""

    status = 409
    code = "code-pool-empty"
    title = "No code left"
    title_fa = "کدی نمانده است"
    detail = "The pool has no free code that is valid now, or gives none at this time."
    detail_fa = "این مخزن کد آزاد و معتبری ندارد یا اکنون کدی نمی‌دهد."


class CodeNotFound(Problem):
    """No such code."""

    status = 404
    code = "discount-code-not-found"
    title = "Discount code not found"
    title_fa = "کد تخفیف پیدا نشد"
    detail = "There is no such code here; see whether it was typed right."
    detail_fa = "چنین کدی وجود ندارد؛ درستی آن را بررسی کنید."


class CodeOver(Problem):
    """The code is used, withdrawn or expired, or was given to nobody."""

    status = 409
    code = "discount-code-over"
    title = "The code can't be used"
    title_fa = "کد قابل استفاده نیست"
    detail = "The code was used or withdrawn before, its time is over, or nobody has been given it."
    detail_fa = "این کد پیش‌تر استفاده یا باطل شده، مهلتش گذشته یا به کسی داده نشده است."
