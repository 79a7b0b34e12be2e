"""Who may do what with products."""

from host_api.core.access.permissions import Action, Module

PRODUCTS = Module("products", "Products", "محصولات")
READ = PRODUCTS.may(Action.READ)
WRITE = PRODUCTS.may(Action.WRITE)
