"""The templates, a file each."""
