"""Who may do what with disputes."""

from host_api.core.access.permissions import Action, Module

DISPUTES = Module("disputes", "Disputes", "اعتراض به تراکنش")
READ = DISPUTES.may(Action.READ)
WRITE = DISPUTES.may(Action.WRITE)
APPROVE = DISPUTES.may(Action.APPROVE)
