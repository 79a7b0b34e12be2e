"""A member's statement of points (REP-01) and timeline (REP-06)."""
