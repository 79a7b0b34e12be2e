"""Who may do what with risk."""

from host_api.core.access.permissions import Action, Module

RISK = Module("risk", "Risk", "ریسک")
READ = RISK.may(Action.READ)
WRITE = RISK.may(Action.WRITE)
APPROVE = RISK.may(Action.APPROVE)
# To tell a member's trades, as the broker does.
ACT = RISK.may(Action.ACT)
