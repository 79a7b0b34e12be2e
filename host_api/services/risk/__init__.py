"""Risk: limits that warn or act, alerts with feedback, warnings on trades, and classes of members."""
