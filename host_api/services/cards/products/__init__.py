"""Card products: what kinds of card the club has, and their limits."""
