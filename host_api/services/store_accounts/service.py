"""What the application takes from the store_accounts service."""

from host_api.core.member_rows import stays
from host_api.core.service import Service
from host_api.services.store_accounts import models
from host_api.services.store_accounts.models import StoreDebtAct, StoreDebtor, StoreEntry
from host_api.services.store_accounts.personal_data import PERSONAL_DATA
from host_api.services.store_accounts.routes import router

SERVICE = Service(
    name="store_accounts",
    title="Store accounts",
    title_fa="حساب‌های فروشگاه پذیرنده",
    tags={
        "store accounts": "Merchants' books, customers' debts, accounting files · حساب‌های فروشگاه پذیرنده",
    },
    routers=(router,),
    tables=(models,),
    personal_data=(PERSONAL_DATA,),
    member_rows=(
        stays(StoreEntry.member_id, "a book's entries stand; a merge has entries of its own"),
        stays(StoreDebtor.member_id, "what is owed goes over by entries as the merge ends"),
        stays(StoreDebtAct.member_id, "what was asked of a record is history"),
    ),
)
