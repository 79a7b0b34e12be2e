"""What the club holds of a member: given to them, and erased."""
