"""Those who are not permitted, as members or at all."""
