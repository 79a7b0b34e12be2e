"""Who may do what with points spent at partners."""

from host_api.core.access.permissions import Action, Module

PARTNER_SPENDING = Module("partner_spending", "Spending at partners", "خرج امتیاز نزد شریک‌ها")
READ = PARTNER_SPENDING.may(Action.READ)
WRITE = PARTNER_SPENDING.may(Action.WRITE)
# All that a partner's API key holds; which partner it is tells the key itself.
ACT = PARTNER_SPENDING.may(Action.ACT)
