"""Who may look into faults."""

from host_api.core.access.permissions import Action, Module

FAULT_FINDER = Module("fault_finder", "Fault finder", "خطایاب")
READ = FAULT_FINDER.may(Action.READ)
WRITE = FAULT_FINDER.may(Action.WRITE)
