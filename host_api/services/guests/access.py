"""Who may do what with guests."""

from host_api.core.access.permissions import Action, Module

GUESTS = Module("guests", "Guests", "مهمان‌ها")
READ = GUESTS.may(Action.READ)
WRITE = GUESTS.may(Action.WRITE)
