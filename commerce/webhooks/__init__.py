"""Outgoing webhooks: a shop's own programs are told what happened, after Standard Webhooks.

What payment providers send to us is another matter: `commerce/payments/webhooks.py` is that inbox.
"""
