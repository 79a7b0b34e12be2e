"""Who may do what with members' personal data as a whole."""

from host_api.core.access.permissions import Action, Module

PRIVACY = Module("privacy", "Privacy", "حریم خصوصی", is_optional=False)
READ = PRIVACY.may(Action.READ)
WRITE = PRIVACY.may(Action.WRITE)
APPROVE = PRIVACY.may(Action.APPROVE)
