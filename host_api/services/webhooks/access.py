"""Who may do what with webhooks."""

from host_api.core.access.permissions import Action, Module

WEBHOOKS = Module("webhooks", "Webhooks", "وب‌هوک‌ها")
READ = WEBHOOKS.may(Action.READ)
WRITE = WEBHOOKS.may(Action.WRITE)
