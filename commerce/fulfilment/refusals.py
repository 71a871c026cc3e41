"""What fulfilment refuses: NoSuchParcel 404 no_such_parcel, NothingToSend 409 nothing_to_send."""

from commerce import errors


class NoSuchParcel(errors.Missing):
    """There is no such parcel of this order."""

    code = "no_such_parcel"
    sentence = "There is no such parcel of this order."


class NothingToSend(errors.Conflict):
    """Every unit is packed, sent or refunded."""

    code = "nothing_to_send"
    sentence = "There is nothing left to send."
