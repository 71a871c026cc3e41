"""The states of a parcel: packed -> sent -> delivered. A packed one can be unpacked."""

from enum import StrEnum


class ParcelState(StrEnum):
    """How far a parcel has come."""

    PACKED = "packed"
    SENT = "sent"
    DELIVERED = "delivered"
