"""What people may order at the console."""
