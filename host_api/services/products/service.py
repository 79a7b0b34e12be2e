"""What the application takes from the products service."""

from host_api.core.service import Service
from host_api.services.products import models
from host_api.services.products.bulk import PRODUCTS_IMPORT
from host_api.services.products.routes import router

SERVICE = Service(
    name="products",
    title="Products of merchants",
    title_fa="محصولات پذیرندگان",
    tags={
        "products": "What merchants sell: groups, products, prices, labels · محصولات پذیرندگان",
    },
    routers=(router,),
    tables=(models,),
    imports=(PRODUCTS_IMPORT,),
)
