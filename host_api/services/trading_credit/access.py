"""Who may do what with trading credit."""

from host_api.core.access.permissions import Action, Module

TRADING_CREDIT = Module("trading_credit", "Points to trading credit", "خرید اعتبار معاملاتی با امتیاز")
READ = TRADING_CREDIT.may(Action.READ)
WRITE = TRADING_CREDIT.may(Action.WRITE)
APPROVE = TRADING_CREDIT.may(Action.APPROVE)
ACT = TRADING_CREDIT.may(Action.ACT)
