"""One transaction's whole story, and its receipt again."""
