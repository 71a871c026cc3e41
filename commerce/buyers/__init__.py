"""What a buyer lets us remember for the next purchase: contact, address, shipping, means of payment."""
