"""Who may do what with merchants and branches."""

from host_api.core.access.permissions import Action, Module

MERCHANTS = Module("merchants", "Merchants and branches", "پذیرنده‌ها و شعبه‌ها", is_optional=False)
READ = MERCHANTS.may(Action.READ)
WRITE = MERCHANTS.may(Action.WRITE)
