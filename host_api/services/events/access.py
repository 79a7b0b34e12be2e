"""Who may read events."""

from host_api.core.access.permissions import Action, Module

EVENTS = Module("events", "Events", "رویدادها", is_optional=False)
READ = EVENTS.may(Action.READ)
