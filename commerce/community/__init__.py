"""People around a shop: who follows it, is told of its shows, brings friends, writes about an order."""
