"""Who is who: accounts, guests, sessions."""
