"""Who may do what with terminals."""

from host_api.core.access.permissions import Action, Module

TERMINALS = Module("terminals", "Terminals", "پایانه‌ها", is_optional=False)
READ = TERMINALS.may(Action.READ)
WRITE = TERMINALS.may(Action.WRITE)
