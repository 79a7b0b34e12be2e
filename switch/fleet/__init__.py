"""How the terminals are, as they tell it themselves."""
