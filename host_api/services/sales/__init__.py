"""What merchants sell, give away and take back, registered by people and by tills."""
