"""What terms refuse, below the tree of `commerce.errors`; after a refusal nothing has changed.

CommerceError
├── Conflict
│   ├── NotDelivered       409 not_delivered {country, region}: no method of the shop goes there
│   ├── ShippingGone       409 shipping_gone {shipping, quote}: the method is not offered (any more)
│   └── TotalChanged       409 total_changed {total_minor, quote}: it costs something else now
└── Invalid · Missing: see `commerce.errors`
"""

from commerce.errors import Conflict


class NotDelivered(Conflict):
    """The shop sends nothing to this place."""

    code = "not_delivered"
    sentence = "The shop sends nothing to this place."


class ShippingGone(Conflict):
    """This way of shipping is not offered for this order."""

    code = "shipping_gone"
    sentence = "This way of shipping is not offered for this order."


class TotalChanged(Conflict):
    """The total is not the one that was shown."""

    code = "total_changed"
    sentence = "The total is not the one that was shown."
