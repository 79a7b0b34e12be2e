"""Members' inboxes, in both directions."""
