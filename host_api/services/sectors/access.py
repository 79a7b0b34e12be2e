"""Who may read sectors."""

from host_api.core.access.permissions import Action, Module

SECTORS = Module("sectors", "Sectors", "صنعت‌ها")
READ = SECTORS.may(Action.READ)
