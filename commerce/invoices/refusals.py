"""What invoices refuse: NoSuchDocument 404 no_such_document."""

from commerce import errors


class NoSuchDocument(errors.Missing):
    """There is no such invoice or credit note."""

    code = "no_such_document"
    sentence = "There is no such invoice or credit note of this order."
