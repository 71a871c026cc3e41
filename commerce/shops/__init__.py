"""Shops, their staff and whom they banned."""
