"""Who may do what with organisations."""

from host_api.core.access.permissions import Action, Module

ORGANISATIONS = Module("organisations", "Organisations", "سازمان‌ها")
READ = ORGANISATIONS.may(Action.READ)
WRITE = ORGANISATIONS.may(Action.WRITE)
