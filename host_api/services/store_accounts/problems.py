"""What can stand against an entry in the books."""

from host_api.core.errors import Problem


class DebtExceeded(Problem):
    """More would be settled or taken off than is owed."""

    status = 409
    code = "store-debt-exceeded"
    title = "More than is owed"
    title_fa = "بیش از بدهی است"
    detail = "The customer owes the merchant less than this."
    detail_fa = "بدهی مشتری به پذیرنده کمتر از این است."
    field = "amount"


class DebtorNotServed(Problem):
    """Nobody may owe who is blocked or merged into another record."""

    status = 409
    code = "store-debtor-not-served"
    title = "No debt for this member"
    title_fa = "برای این عضو بدهی ثبت نمی‌شود"
    detail = "The member is blocked or merged into another record; debts are for active members."
    detail_fa = "عضو مسدود یا در رکورد دیگری ادغام شده است؛ بدهی برای عضو فعال است."
    field = "member_id"


class StoreFileTooLong(Problem):
    """The file would have more lines than one has."""

    status = 409
    code = "store-file-too-long"
    title = "Too many entries"
    title_fa = "ردیف‌ها بیش از اندازه است"
    detail = "A file has at most 50000 entries; ask for fewer days."
    detail_fa = "هر فایل حداکثر ۵۰۰۰۰ ردیف دارد؛ روزهای کمتری بخواهید."
