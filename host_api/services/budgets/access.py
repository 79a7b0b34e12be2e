"""Who may do what with budgets."""

from host_api.core.access.permissions import Action, Module

BUDGETS = Module("budgets", "Credit budgets", "بودجهٔ اعتبارها")
READ = BUDGETS.may(Action.READ)
WRITE = BUDGETS.may(Action.WRITE)
APPROVE = BUDGETS.may(Action.APPROVE)
