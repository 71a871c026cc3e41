"""What conversations refuse, beside the tree of `commerce.errors`.

CommerceError
├── Invalid
│   ├── AttachmentType       415 attachment_type: neither a picture nor a voice note that we take
│   ├── VoiceTooLarge        413 voice_too_large {max_bytes}
│   ├── VoiceTooLong         422 voice_too_long {max_s}
│   └── BadVoice             422 bad_voice: it cannot be played, or nothing is to be heard
├── Missing
│   └── NoSuchAttachment     404 no_such_attachment: not there, not yours, sent, or its address is old
├── Conflict
│   ├── ConversationClosed   409 conversation_closed: the shop takes no more messages about this order
│   └── TooManyWaiting       409 too_many_waiting {limit}: send what was uploaded first
└── TooMany
    └── TooManyMessages      429 too_many_messages {retry_after_ms}
"""

from commerce import errors


class AttachmentType(errors.Invalid):
    """Neither a picture nor a voice note."""

    status = 415
    code = "attachment_type"
    sentence = "Only pictures and voice notes (WebM, Ogg or MP4) are taken."


class VoiceTooLarge(errors.Invalid):
    """The voice note has too many bytes."""

    status = 413
    code = "voice_too_large"
    sentence = "The voice note is larger than allowed."


class VoiceTooLong(errors.Invalid):
    """The voice note is longer than a minute."""

    status = 422
    code = "voice_too_long"
    sentence = "A voice note may be a minute long."


class BadVoice(errors.Invalid):
    """The voice note cannot be played."""

    status = 422
    code = "bad_voice"
    sentence = "The voice note cannot be played."


class NoSuchAttachment(errors.Missing):
    """There is no such attachment, or not for this message, or its address is too old."""

    code = "no_such_attachment"
    sentence = "There is no such attachment."


class ConversationClosed(errors.Conflict):
    """The shop takes no more messages about this order."""

    code = "conversation_closed"
    sentence = "The shop has closed this conversation."


class TooManyWaiting(errors.Conflict):
    """So many uploads wait for their message."""

    code = "too_many_waiting"
    sentence = "Send what was uploaded before uploading more."


class TooManyMessages(errors.TooMany):
    """Too many messages or uploads in a short time."""

    code = "too_many_messages"
    sentence = "Too many messages; wait a little."
