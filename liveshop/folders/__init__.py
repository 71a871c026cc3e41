"""The data folder and the runtime folder, and who holds them."""
