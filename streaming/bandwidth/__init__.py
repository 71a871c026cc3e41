"""What a viewer's way to us can carry, and which layer fits: pure, time is an argument."""
