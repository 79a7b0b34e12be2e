"""Who may do what with public bodies."""

from host_api.core.access.permissions import Action, Module

PUBLIC_BODIES = Module("public_bodies", "Public bodies", "نهادهای عمومی")
READ = PUBLIC_BODIES.may(Action.READ)
# Asks for participations, writes benefits and lines of credit.
WRITE = PUBLIC_BODIES.may(Action.WRITE)
# Decides on participations, and ends them.
APPROVE = PUBLIC_BODIES.may(Action.APPROVE)
