"""Who may do what with transactions."""

from host_api.core.access.permissions import Action, Module

TRANSACTIONS = Module("transactions", "Transactions", "تراکنش‌ها", is_optional=False)
READ = TRANSACTIONS.may(Action.READ)
