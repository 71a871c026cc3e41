"""A shop's terms: how it sends what it sells and at what price, which taxes it takes, what an order costs."""
