"""Ready rules with parameters."""
