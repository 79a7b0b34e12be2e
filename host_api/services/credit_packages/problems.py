"""What can hinder credit packages."""

from host_api.core.errors import Problem


class PackageNotFound(Problem):
    """No package has this id."""

    status = 404
    code = "credit-package-not-found"
    title = "Package not found"
    title_fa = "بسته پیدا نشد"
    detail = "There is no credit package with this id."
    detail_fa = "بستهٔ اعتباری با این شناسه وجود ندارد."


class PackageNotSold(Problem):
    """The package is closed, or not sold on this day."""

    status = 409
    code = "credit-package-not-sold"
    title = "Not sold now"
    title_fa = "اکنون فروخته نمی‌شود"
    detail = "The credit package is closed, outside of its days, or its budget is used up."
    detail_fa = "بستهٔ اعتباری بسته یا بیرون از روزهای فروش است یا بودجهٔ آن تمام شده است."


class ContractNotFound(Problem):
    """No contract has this id."""

    status = 404
    code = "credit-contract-not-found"
    title = "Contract not found"
    title_fa = "قرارداد پیدا نشد"
    detail = "There is no credit contract with this id."
    detail_fa = "قرارداد اعتباری با این شناسه وجود ندارد."


class ContractNotInThisState(Problem):
    """The contract stands elsewhere."""

    status = 409
    code = "credit-contract-state"
    title = "Not possible in this state"
    title_fa = "در این وضعیت شدنی نیست"
    detail = "The contract stands elsewhere by now, or is used by other means; read it again."
    detail_fa = "وضعیت قرارداد دیگر شده یا به راه دیگری مصرف می‌شود؛ دوباره بخوانید."


class TooLittleOpen(Problem):
    """More is used than is open."""

    status = 409
    code = "credit-too-little-open"
    title = "Too little open credit"
    title_fa = "اعتبار باز کافی نیست"
    detail = "So much of the contract is not open, or not on this day."
    detail_fa = "این اندازه از قرارداد باز نیست یا در این روز باز نیست."
    field = "rials"


class ReferenceUsed(Problem):
    """The reference names something else."""

    status = 409
    code = "credit-reference-used"
    title = "Reference is used"
    title_fa = "شمارهٔ ارجاع تکراری است"
    detail = "Something else was told under this reference before."
    detail_fa = "پیش‌تر چیز دیگری با این شمارهٔ ارجاع گفته شده است."
    field = "reference"


class HolidayTaken(Problem):
    """The day is a holiday already."""

    status = 409
    code = "credit-holiday-taken"
    title = "Holiday is known"
    title_fa = "تعطیلی تکراری است"
    detail = "This day is in the calendar already."
    detail_fa = "این روز پیش‌تر در تقویم آمده است."
    field = "day"


class HolidayNotFound(Problem):
    """No holiday has this id."""

    status = 404
    code = "credit-holiday-not-found"
    title = "Holiday not found"
    title_fa = "تعطیلی پیدا نشد"
    detail = "There is no holiday with this id."
    detail_fa = "تعطیلی با این شناسه وجود ندارد."


class PaymentNotFound(Problem):
    """No payment has this id."""

    status = 404
    code = "credit-payment-not-found"
    title = "Payment not found"
    title_fa = "پرداخت پیدا نشد"
    detail = "There is no payment of credit with this id."
    detail_fa = "پرداخت اعتباری با این شناسه وجود ندارد."


class PaymentNotInThisState(Problem):
    """The payment stands elsewhere."""

    status = 409
    code = "credit-payment-state"
    title = "Not possible in this state"
    title_fa = "در این وضعیت شدنی نیست"
    detail = "The payment stands elsewhere by now; read it again."
    detail_fa = "وضعیت پرداخت دیگر شده است؛ دوباره بخوانید."


class PaymentTooLarge(Problem):
    """More is paid than is owed."""

    status = 409
    code = "credit-payment-too-large"
    title = "More than is owed"
    title_fa = "بیش از بدهی"
    detail = "So much is not owed now."
    detail_fa = "اکنون این اندازه بدهی نیست."
    field = "rials"


class CorrectionNotFound(Problem):
    """No correction has this id."""

    status = 404
    code = "credit-correction-not-found"
    title = "Correction not found"
    title_fa = "اصلاحیه پیدا نشد"
    detail = "There is no correction with this id."
    detail_fa = "اصلاحیه‌ای با این شناسه وجود ندارد."
