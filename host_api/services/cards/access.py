"""Who may do what with cards."""

from host_api.core.access.permissions import Action, Module

CARDS = Module("cards", "Cards", "کارت‌ها", is_optional=False)
READ = CARDS.may(Action.READ)
WRITE = CARDS.may(Action.WRITE)
