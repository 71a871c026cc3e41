"""What people say: words made safe, pictures beside them, other languages."""
