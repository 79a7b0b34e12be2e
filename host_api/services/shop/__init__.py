"""The club's shop: what members buy with their points, from the catalogue to delivery and return."""
