"""Members whom the club gives credit."""
