"""Rule tables over the host link: taken in parts, prepared beside the traffic, put in force in one step."""
