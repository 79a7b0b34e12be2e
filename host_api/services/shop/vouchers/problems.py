"""What can be wrong with vouchers."""

from host_api.core.errors import Problem


class VoucherNotFound(Problem):
    """No voucher has this code or id."""

    status = 404
    code = "shop-voucher-not-found"
    title = "Voucher not found"
    title_fa = "بن خرید پیدا نشد"
    detail = "There is no such voucher; see whether its code was typed right."
    detail_fa = "چنین بنی وجود ندارد؛ درستی کد را بررسی کنید."


class VoucherOver(Problem):
    """The voucher was withdrawn, or its time is over."""

    status = 409
    code = "shop-voucher-over"
    title = "The voucher is no longer good"
    title_fa = "بن دیگر اعتبار ندارد"
    detail = "The voucher was withdrawn, or its time is over."
    detail_fa = "این بن باطل شده یا مهلت آن گذشته است."


class TooLittleLeft(Problem):
    """More was asked for than is left of the voucher."""

    status = 409
    code = "shop-voucher-too-little-left"
    title = "Not so much is left"
    title_fa = "مانده کافی نیست"
    detail = "Less is left of this voucher than the amount."
    detail_fa = "ماندهٔ این بن کمتر از مبلغ است."
    field = "amount"


class ReferenceOfAnother(Problem):
    """The counter's reference stands for another amount of this voucher."""

    status = 409
    code = "shop-voucher-reference-used"
    title = "Reference used otherwise"
    title_fa = "این شماره برای مبلغ دیگری به کار رفته است"
    detail = "Another amount of this voucher was redeemed under this reference."
    detail_fa = "از این بن با همین شماره مبلغ دیگری خرج شده است."
    field = "reference"
