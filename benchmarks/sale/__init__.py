"""Reservations through the room's door, beside the bare Function."""
