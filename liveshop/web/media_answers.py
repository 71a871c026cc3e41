"""What the front itself answers at the doors of media, before a media process is asked; for the document."""

from liveshop.web.openapi import MoreAnswers

_LATER = {503: ("media_unavailable",)}
_SESSION = _LATER | {404: ("no_such_session",)}

MEDIA_ANSWERS: MoreAnswers = {
    ("POST", "/whip/{show}"): {401: ("wrong_stream_key",), 404: ("no_such_show",), **_LATER},
    ("POST", "/whep/{show}"): {
        401: ("watch_token_needed", "watch_token_wrong"),
        403: ("banned",),
        404: ("no_such_show",),
        **_LATER,
    },
    # 204: the candidates were taken, and there is nothing to answer.
    ("PATCH", "/whip/{show}/{session}"): _SESSION | {204: ()},
    ("PATCH", "/whep/{show}/{session}"): _SESSION | {204: ()},
    ("DELETE", "/whip/{show}/{session}"): _SESSION,
    ("DELETE", "/whep/{show}/{session}"): _SESSION,
}
