"""What can be wrong with a wish about a wallet."""

from host_api.core.errors import Problem


class WalletActNotFound(Problem):
    """No act has this id."""

    status = 404
    code = "wallet-act-not-found"
    title = "Act not found"
    title_fa = "درخواست کیف پول پیدا نشد"
    detail = "There is no act on a wallet with this id."
    detail_fa = "درخواستی با این شناسه وجود ندارد."


class WalletLimitReached(Problem):
    """The amount is outside of what the policy lets a load or a day have."""

    status = 409
    code = "wallet-limit-reached"
    title = "Outside the wallet's limits"
    title_fa = "بیرون از سقف کیف پول"
    detail = "The amount is below the least load, or above what the wallet may hold, load or spend today."
    detail_fa = "مبلغ کمتر از کمینهٔ شارژ، یا بیش از سقف مانده، شارژ روزانه یا خرج روزانهٔ کیف پول است."
    field = "amount"


class BankTransferKnown(Problem):
    """The transfer was written down before."""

    status = 409
    code = "bank-transfer-known"
    title = "Transfer known already"
    title_fa = "این واریز پیش‌تر ثبت شده است"
    detail = "A transfer with this number of the bank has been written down before; it counts once."
    detail_fa = "واریزی با این شمارهٔ پیگیری پیش‌تر ثبت شده است و یک بار شمرده می‌شود."
    field = "bank_reference"
