"""What can be wrong with a wish about a budget."""

from host_api.core.errors import Problem


class BudgetNotFound(Problem):
    """No budget has this id."""

    status = 404
    code = "budget-not-found"
    title = "Budget not found"
    title_fa = "بودجه پیدا نشد"
    detail = "There is no budget with this id."
    detail_fa = "بودجه‌ای با این شناسه وجود ندارد."


class BudgetExhausted(Problem):
    """There is too little left in the budget, or nothing may be taken from it now."""

    status = 409
    code = "budget-exhausted"
    title = "Nothing left in the budget"
    title_fa = "بودجه کافی نیست"
    detail = "The budget has fewer units left than this needs, is closed, or its period is not now."
    detail_fa = "ماندهٔ بودجه کمتر از این مقدار است، یا بودجه بسته شده یا در مهلت خود نیست."


class BudgetOfAnotherPurse(Problem):
    """What is to be given is of another purse than the budget."""

    status = 409
    code = "budget-of-another-purse"
    title = "Budget of another purse"
    title_fa = "بودجه برای کیف دیگری است"
    detail = "The units of this budget are of another purse than what is to be given."
    detail_fa = "واحدهای این بودجه از کیفی دیگر است."
    field = "budget_id"


class BudgetInUse(Problem):
    """A cut would take what is promised or given already."""

    status = 409
    code = "budget-in-use"
    title = "The units are in use"
    title_fa = "این مقدار به کار رفته است"
    detail = "Only units that are neither promised nor given can be cut."
    detail_fa = "تنها مقداری که نه قول داده شده و نه پرداخت شده کاستنی است."
    field = "units"


class BudgetPeriodWrong(Problem):
    """The budget would end before it begins."""

    status = 409
    code = "budget-period-wrong"
    title = "The end lies before the beginning"
    title_fa = "پایان پیش از آغاز است"
    detail = "A budget ends after it has begun."
    detail_fa = "پایان بودجه باید پس از آغاز آن باشد."
    field = "ends_at"


class BudgetChangeNotFound(Problem):
    """No change of a budget has this id."""

    status = 404
    code = "budget-change-not-found"
    title = "Change not found"
    title_fa = "درخواست تغییر پیدا نشد"
    detail = "There is no change of a budget with this id."
    detail_fa = "درخواست تغییری با این شناسه وجود ندارد."
