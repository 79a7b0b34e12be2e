"""Who may do what with trades and portfolios."""

from host_api.core.access.permissions import Action, Module

BROKERAGE = Module("brokerage", "Trades and portfolios", "معاملات و پرتفوی")
READ = BROKERAGE.may(Action.READ)
WRITE = BROKERAGE.may(Action.WRITE)
