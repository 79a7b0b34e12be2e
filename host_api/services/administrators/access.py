"""Who may administer what."""

from host_api.core.access.permissions import Action, Module

USERS = Module("users", "Users", "کاربران", is_optional=False)
USERS_READ = USERS.may(Action.READ)
USERS_WRITE = USERS.may(Action.WRITE)

ROLES = Module("roles", "Roles", "نقش‌ها", is_optional=False)
ROLES_READ = ROLES.may(Action.READ)
ROLES_WRITE = ROLES.may(Action.WRITE)

API_KEYS = Module("api_keys", "API keys", "کلیدهای API", is_optional=False)
API_KEYS_READ = API_KEYS.may(Action.READ)
API_KEYS_WRITE = API_KEYS.may(Action.WRITE)

AUDIT = Module("audit", "Audit log", "ردّ تغییرها", is_optional=False)
AUDIT_READ = AUDIT.may(Action.READ)
# Asked for by the entry's own page, on top of reading: it opens what is sealed.
AUDIT_OPEN = AUDIT.may(Action.APPROVE)

MODULES = Module("modules", "Modules", "بخش‌ها", is_optional=False)
MODULES_READ = MODULES.may(Action.READ)
MODULES_WRITE = MODULES.may(Action.WRITE)

PROGRAMMES = Module("programmes", "Programmes", "برنامه‌ها", is_optional=False)
PROGRAMMES_READ = PROGRAMMES.may(Action.READ)
PROGRAMMES_WRITE = PROGRAMMES.may(Action.WRITE)
