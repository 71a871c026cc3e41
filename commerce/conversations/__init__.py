"""Messages between a buyer and the shop about an order, with pictures and voice notes."""
