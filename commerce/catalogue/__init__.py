"""What is sold: products, variants, prices, pictures."""
