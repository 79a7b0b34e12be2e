"""What the shop owes suppliers and charities."""
