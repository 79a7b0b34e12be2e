"""Points spent at partner companies, which take them by their own API key and are paid by statement."""
