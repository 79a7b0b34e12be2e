"""Members of the club."""
