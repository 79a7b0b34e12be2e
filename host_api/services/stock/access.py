"""Who may do what with stock."""

from host_api.core.access.permissions import Action, Module

STOCK = Module("stock", "Stock", "موجودی و انبارگردانی")
READ = STOCK.may(Action.READ)
WRITE = STOCK.may(Action.WRITE)
# Closes counts, and says whether a branch may go below zero.
APPROVE = STOCK.may(Action.APPROVE)
