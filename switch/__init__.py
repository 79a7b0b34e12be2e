"""The switch: authorises earning and spending of points, and journals every outcome before it answers."""
