"""What can hinder work with sources and trades."""

from host_api.core.errors import Problem


class BrokerageSourceNotFound(Problem):
    """No source has this id."""

    status = 404
    code = "brokerage-source-not-found"
    title = "Source not found"
    title_fa = "منبع پیدا نشد"
    detail = "There is no broker or fund with this id."
    detail_fa = "کارگزاری یا صندوقی با این شناسه وجود ندارد."


class BrokerageSourceTaken(Problem):
    """The code is another source's."""

    status = 409
    code = "brokerage-source-taken"
    title = "Code is taken"
    title_fa = "این کد گرفته شده است"
    detail = "There is a broker or fund with this code already."
    detail_fa = "کارگزاری یا صندوقی با این کد هست."
    field = "code"


class TradeNotFound(Problem):
    """No trade has this id."""

    status = 404
    code = "trade-not-found"
    title = "Trade not found"
    title_fa = "معامله پیدا نشد"
    detail = "There is no trade with this id."
    detail_fa = "معامله‌ای با این شناسه وجود ندارد."
