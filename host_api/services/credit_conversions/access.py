"""Who may do what with conversions of credit."""

from host_api.core.access.permissions import Action, Module

CREDIT_CONVERSIONS = Module("credit_conversions", "Credit to rial value", "تبدیل اعتبار به ارزش ریالی")
READ = CREDIT_CONVERSIONS.may(Action.READ)
WRITE = CREDIT_CONVERSIONS.may(Action.WRITE)
APPROVE = CREDIT_CONVERSIONS.may(Action.APPROVE)
ACT = CREDIT_CONVERSIONS.may(Action.ACT)
