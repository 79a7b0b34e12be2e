"""Who may void and return transactions."""

from host_api.core.access.permissions import Action, Module

TRANSACTION_REQUESTS = Module("transaction_requests", "Voids and returns", "ابطال و برگشت تراکنش")
READ = TRANSACTION_REQUESTS.may(Action.READ)
WRITE = TRANSACTION_REQUESTS.may(Action.WRITE)
APPROVE = TRANSACTION_REQUESTS.may(Action.APPROVE)
