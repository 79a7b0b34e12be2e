"""Who may do what with groups."""

from host_api.core.access.permissions import Action, Module

GROUPS = Module("groups", "Groups", "گروه‌ها")
READ = GROUPS.may(Action.READ)
WRITE = GROUPS.may(Action.WRITE)
