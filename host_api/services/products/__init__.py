"""A merchant's own catalogue: groups, products, prices and labels."""
