"""What members get, for members."""
