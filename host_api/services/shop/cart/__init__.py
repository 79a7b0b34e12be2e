"""What a member has chosen and not bought yet."""
