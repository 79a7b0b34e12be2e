"""Message security: authentication codes and key derivation."""
