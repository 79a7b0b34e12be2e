"""Who may do what with points to cash."""

from host_api.core.access.permissions import Action, Module

CASH_OUTS = Module("cash_outs", "Points to cash", "تبدیل امتیاز به وجه نقد")
READ = CASH_OUTS.may(Action.READ)
WRITE = CASH_OUTS.may(Action.WRITE)
APPROVE = CASH_OUTS.may(Action.APPROVE)
ACT = CASH_OUTS.may(Action.ACT)
