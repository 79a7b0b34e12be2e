"""What sellers sell to members in instalments: schedules, payments, late marks, statements."""
