"""What credit is worth in rial, from when, and members who turn theirs into it (PRS-05)."""
