"""What members and numbers want to hear nothing of."""
