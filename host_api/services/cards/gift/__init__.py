"""Gift cards: sold, loaded, and what is left on them."""
