"""Who may do what with rules."""

from host_api.core.access.permissions import Action, Module

RULES = Module("rules", "Rules", "قواعد امتیاز")
READ = RULES.may(Action.READ)
WRITE = RULES.may(Action.WRITE)
APPROVE = RULES.may(Action.APPROVE)
