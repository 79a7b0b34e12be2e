"""The routers of administration."""

from host_api.services.administrators.api_keys.routes import router as api_keys_router
from host_api.services.administrators.audit_log.routes import router as audit_router
from host_api.services.administrators.modules.routes import router as modules_router
from host_api.services.administrators.programmes.routes import router as programmes_router
from host_api.services.administrators.roles.routes import router as roles_router
from host_api.services.administrators.users.routes import router as users_router

ROUTERS = (users_router, roles_router, api_keys_router, audit_router, modules_router, programmes_router)
