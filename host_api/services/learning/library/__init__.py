"""Market reports of analysts, and books."""
