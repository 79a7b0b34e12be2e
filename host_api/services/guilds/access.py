"""Who may do what with guilds."""

from host_api.core.access.permissions import Action, Module

GUILDS = Module("guilds", "Guilds", "صنف‌ها")
READ = GUILDS.may(Action.READ)
WRITE = GUILDS.may(Action.WRITE)
