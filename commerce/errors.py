# ruff: noqa: N818 - refusals are named for what is refused, and the tree is indented to be one
"""What commerce refuses, as a tree; each leaf has a stable code that clients act on.

Here stands what more than one room refuses; what only one does is in its `refusals.py`, of buying in
`commerce/sale/refusals.py`.

CommerceError
├── Invalid                 400/422: the request itself is wrong
│   ├── InvalidField            422 invalid {field}
│   ├── BadQuantity             422 bad_quantity
│   ├── BadPrice                422 bad_price
│   ├── BadTimes                422 bad_times
│   ├── BadPicture              422 bad_picture
│   ├── PictureType             415 picture_type
│   ├── PictureTooLarge         413 picture_too_large
│   ├── KeyMissing              400 idempotency_key_missing
│   └── BadToken                422 bad_token
├── Unauthorised            401: who calls is not known well enough
│   ├── NoSession               401 no_session
│   ├── WrongPassword           401 wrong_password
│   └── WrongStreamKey          401 wrong_stream_key
├── Forbidden               403 forbidden
│   ├── Banned                  403 banned
│   └── NotYours                403 not_yours
├── Missing                 404: what is named does not exist, or not for this caller
│   ├── NoSuchAccount           404 no_such_account
│   ├── NoSuchShop              404 no_such_shop
│   ├── NoSuchShow              404 no_such_show
│   ├── NoSuchProduct           404 no_such_product
│   ├── NoSuchVariant           404 no_such_variant
│   ├── NoSuchPicture           404 no_such_picture
│   ├── NoSuchPerson            404 no_such_person
│   ├── NoSuchPool              404 no_such_pool
│   └── NoSuchOrder             404 no_such_order
├── Conflict                409: right in itself, not now
│   ├── EmailTaken              409 email_taken
│   ├── SlugTaken               409 slug_taken
│   ├── SetupDone               409 setup_done
│   ├── LastOwner               409 last_owner
│   ├── WrongState              409 wrong_state {state}
│   ├── ProductInUse            409 product_in_use
│   ├── NotEnoughStock          409 not_enough_stock {available}
│   ├── SaleRunning             409 sale_running {sale}
│   └── IdempotencyConflict     409 idempotency_conflict
├── TooMany                 429: slower, please
│   ├── TooManyAttempts         429 too_many_attempts
│   └── TooManyOperations       429 too_many_operations
└── Busy                    503 busy: nothing was changed, come again
"""


class CommerceError(Exception):
    """A refusal: `status` and `code` by class, a sentence and facts by instance.

    `facts` are JSON-ready and stand beside the code in the answer. `retry_after_s` is set where
    coming again helps.
    """

    status = 500
    code = "internal"
    sentence = "Something went wrong."

    def __init__(
        self, sentence: str | None = None, /, *, retry_after_s: float | None = None, **facts: object
    ) -> None:
        super().__init__(sentence or self.sentence)
        self.facts: dict[str, object] = facts
        self.retry_after_s = retry_after_s


class Invalid(CommerceError):
    """The request is not valid."""

    status = 400
    code = "invalid"
    sentence = "The request is not valid."


class InvalidField(Invalid):
    """A field is not valid."""

    status = 422
    code = "invalid"
    sentence = "A field is not valid."


class BadQuantity(Invalid):
    """The quantity must be a whole number in range."""

    status = 422
    code = "bad_quantity"
    sentence = "The quantity must be a whole number in range."


class BadPrice(Invalid):
    """The price must be a whole number of minor units in range."""

    status = 422
    code = "bad_price"
    sentence = "The price must be a whole number of minor units in range."


class BadTimes(Invalid):
    """The times do not fit together."""

    status = 422
    code = "bad_times"
    sentence = "The times do not fit together."


class BadPicture(Invalid):
    """The picture cannot be read."""

    status = 422
    code = "bad_picture"
    sentence = "The picture cannot be read."


class PictureType(Invalid):
    """Only JPEG, PNG, WebP, GIF and AVIF pictures are taken."""

    status = 415
    code = "picture_type"
    sentence = "Only JPEG, PNG, WebP, GIF and AVIF pictures are taken."


class PictureTooLarge(Invalid):
    """The picture is larger than allowed."""

    status = 413
    code = "picture_too_large"
    sentence = "The picture is larger than allowed."


class KeyMissing(Invalid):
    """This request needs an Idempotency-Key of 8 to 64 url-safe characters."""

    code = "idempotency_key_missing"
    sentence = "This request needs an Idempotency-Key of 8 to 64 url-safe characters."


class BadToken(Invalid):
    """The link is not valid any more."""

    status = 422
    code = "bad_token"
    sentence = "The link is not valid any more."


class Unauthorised(CommerceError):
    """Sign in first."""

    status = 401
    code = "unauthorised"
    sentence = "Sign in first."


class NoSession(Unauthorised):
    """There is no session to go on with."""

    code = "no_session"
    sentence = "There is no session to go on with."


class WrongPassword(Unauthorised):
    """E-mail or password is wrong."""

    code = "wrong_password"
    sentence = "E-mail or password is wrong."


class WrongStreamKey(Unauthorised):
    """The stream key is wrong."""

    code = "wrong_stream_key"
    sentence = "The stream key is wrong."


class Forbidden(CommerceError):
    """This is not allowed."""

    status = 403
    code = "forbidden"
    sentence = "This is not allowed."


class Banned(Forbidden):
    """This shop does not serve you any more."""

    code = "banned"
    sentence = "This shop does not serve you any more."


class NotYours(Forbidden):
    """This belongs to somebody else."""

    code = "not_yours"
    sentence = "This belongs to somebody else."


class Missing(CommerceError):
    """There is no such thing."""

    status = 404
    code = "not_found"
    sentence = "There is no such thing."


class NoSuchAccount(Missing):
    """There is no such account."""

    code = "no_such_account"
    sentence = "There is no such account."


class NoSuchShop(Missing):
    """There is no such shop."""

    code = "no_such_shop"
    sentence = "There is no such shop."


class NoSuchShow(Missing):
    """There is no such show."""

    code = "no_such_show"
    sentence = "There is no such show."


class NoSuchProduct(Missing):
    """There is no such product."""

    code = "no_such_product"
    sentence = "There is no such product."


class NoSuchVariant(Missing):
    """There is no such variant."""

    code = "no_such_variant"
    sentence = "There is no such variant."


class NoSuchPicture(Missing):
    """There is no such picture."""

    code = "no_such_picture"
    sentence = "There is no such picture."


class NoSuchPerson(Missing):
    """There is no such person."""

    code = "no_such_person"
    sentence = "There is no such person."


class NoSuchPool(Missing):
    """There is no such pool of stock."""

    code = "no_such_pool"
    sentence = "There is no such pool of stock."


class NoSuchOrder(Missing):
    """There is no such order."""

    code = "no_such_order"
    sentence = "There is no such order."


class Conflict(CommerceError):
    """This cannot be done now."""

    status = 409
    code = "conflict"
    sentence = "This cannot be done now."


class EmailTaken(Conflict):
    """There is an account with this e-mail already."""

    code = "email_taken"
    sentence = "There is an account with this e-mail already."


class SlugTaken(Conflict):
    """Another shop has this address already."""

    code = "slug_taken"
    sentence = "Another shop has this address already."


class SetupDone(Conflict):
    """The server has an administrator already."""

    code = "setup_done"
    sentence = "The server has an administrator already."


class LastOwner(Conflict):
    """A shop keeps at least one owner."""

    code = "last_owner"
    sentence = "A shop keeps at least one owner."


class WrongState(Conflict):
    """This cannot be done in the present state."""

    code = "wrong_state"
    sentence = "This cannot be done in the present state."


class ProductInUse(Conflict):
    """The product is part of a show that has not ended."""

    code = "product_in_use"
    sentence = "The product is part of a show that has not ended."


class NotEnoughStock(Conflict):
    """There are not that many units available."""

    code = "not_enough_stock"
    sentence = "There are not that many units available."


class SaleRunning(Conflict):
    """A sale of this variant has not ended yet."""

    code = "sale_running"
    sentence = "A sale of this variant has not ended yet."


class IdempotencyConflict(Conflict):
    """This key was used for another request."""

    code = "idempotency_conflict"
    sentence = "This key was used for another request."


class TooMany(CommerceError):
    """Too many requests."""

    status = 429
    code = "too_many"
    sentence = "Too many requests."


class TooManyAttempts(TooMany):
    """Too many attempts; wait a little."""

    code = "too_many_attempts"
    sentence = "Too many attempts; wait a little."


class TooManyOperations(TooMany):
    """Too many purchases in a day."""

    code = "too_many_operations"
    sentence = "Too many purchases in a day."


class Busy(CommerceError):
    """The shop is busy; nothing was changed, try again."""

    status = 503
    code = "busy"
    sentence = "The shop is busy; nothing was changed, try again."
