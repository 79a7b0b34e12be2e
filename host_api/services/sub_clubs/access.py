"""Who may do what with sub-clubs."""

from host_api.core.access.permissions import Action, Module

SUB_CLUBS = Module("sub_clubs", "Sub-clubs", "زیرباشگاه‌ها")
READ = SUB_CLUBS.may(Action.READ)
WRITE = SUB_CLUBS.may(Action.WRITE)
