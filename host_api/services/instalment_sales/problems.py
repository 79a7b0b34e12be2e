"""What can hinder instalment sales."""

from host_api.core.errors import Problem


class InstalmentSaleNotFound(Problem):
    """No sale has this id."""

    status = 404
    code = "instalment-sale-not-found"
    title = "Instalment sale not found"
    title_fa = "فروش اقساطی پیدا نشد"
    detail = "There is no instalment sale with this id."
    detail_fa = "فروش اقساطی‌ای با این شناسه وجود ندارد."


class InstalmentSaleOver(Problem):
    """Nothing more is paid."""

    status = 409
    code = "instalment-sale-over"
    title = "The sale is over"
    title_fa = "این فروش پایان یافته است"
    detail = "All is paid already, or the sale was called off."
    detail_fa = "همهٔ بها پرداخت شده یا فروش لغو شده است."


class InstalmentTooMuch(Problem):
    """More than is left to pay."""

    status = 409
    code = "instalment-too-much"
    title = "More than is left"
    title_fa = "بیش از مانده است"
    detail = "This is more than is left to pay, with what is on its way."
    detail_fa = "این مبلغ با آنچه در راه است از ماندهٔ بدهی بیشتر می‌شود."
    field = "rials"


class InstalmentReferenceUsed(Problem):
    """The caller has used this reference for something else."""

    status = 409
    code = "instalment-reference-used"
    title = "Reference used otherwise"
    title_fa = "شماره پیش‌تر به کار رفته است"
    detail = "Another payment of this sale has this reference."
    detail_fa = "پرداخت دیگری از همین فروش این شماره را دارد."
    field = "reference"


class InstalmentPaymentNotFound(Problem):
    """The sale has no such payment."""

    status = 404
    code = "instalment-payment-not-found"
    title = "Payment not found"
    title_fa = "پرداخت پیدا نشد"
    detail = "This sale has no payment with this id."
    detail_fa = "این فروش پرداختی با این شناسه ندارد."


class InstalmentPaymentFixed(Problem):
    """Only what a seller told can be taken back by telling."""

    status = 409
    code = "instalment-payment-fixed"
    title = "Can't be taken back"
    title_fa = "پس گرفتنی نیست"
    detail = "Only a direct payment of a sale that was not called off can be taken back."
    detail_fa = "تنها پرداخت مستقیمِ فروشی که لغو نشده پس گرفته می‌شود."
