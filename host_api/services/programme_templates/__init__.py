"""Ready programmes: tiers, rules, roles, modules and card products of a kind of club, made in one call."""
