"""What becomes of a card: its states, who may change them, and what follows."""
