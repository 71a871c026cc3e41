"""A room of thousands: what a delivery costs, what a viewer weighs, and how late things come."""
