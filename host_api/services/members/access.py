"""Who may do what with members."""

from host_api.core.access.permissions import Action, Module

MEMBERS = Module("members", "Members", "عضوها", is_optional=False)
READ = MEMBERS.may(Action.READ)
WRITE = MEMBERS.may(Action.WRITE)
