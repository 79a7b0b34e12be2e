"""Who may do what with lotteries."""

from host_api.core.access.permissions import Action, Module

LOTTERIES = Module("lotteries", "Lotteries", "قرعه‌کشی")
READ = LOTTERIES.may(Action.READ)
WRITE = LOTTERIES.may(Action.WRITE)
APPROVE = LOTTERIES.may(Action.APPROVE)
ACT = LOTTERIES.may(Action.ACT)
