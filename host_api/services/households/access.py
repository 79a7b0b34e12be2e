"""Who may do what with households."""

from host_api.core.access.permissions import Action, Module

HOUSEHOLDS = Module("households", "Households", "خانوارها")
READ = HOUSEHOLDS.may(Action.READ)
WRITE = HOUSEHOLDS.may(Action.WRITE)
