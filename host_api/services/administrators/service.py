"""What the application takes from the administrators service."""

from host_api.core.service import Service
from host_api.services.administrators import access
from host_api.services.administrators.routes import ROUTERS

SERVICE = Service(
    name="administrators",
    title="Administration",
    title_fa="مدیریت سامانه",
    tags={
        "users": "Users of the back office · کاربران",
        "roles": "Roles and their permissions · نقش‌ها",
        "api-keys": "Keys for programs · کلیدهای API",
        "audit": "Who changed what · ردّ تغییرها",
        "modules": "Modules, their help and their switches · بخش‌ها",
        "programmes": "Clubs of this host API · برنامه‌ها",
    },
    routers=(*ROUTERS,),
    asked_in_logic=(access.AUDIT_OPEN,),
)
