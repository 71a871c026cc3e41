"""What a file says about products, before anybody has compared it with the shelves.

A field is UNSET where the file has no such column ("leave it alone"), and None or "" where the cell is blank.
"""

from dataclasses import dataclass

import msgspec
from msgspec import UNSET, UnsetType

MAX_FILE_BYTES = 16 * 1024 * 1024
MAX_ROWS = 20_000
MAX_PICTURES = 8


class Remark(msgspec.Struct, frozen=True):
    """Something about one row. `line` is the file's own, from 1; `column` as the file writes it, or ""."""

    line: int
    column: str
    code: str
    sentence: str


@dataclass(frozen=True, slots=True)
class PictureDraft:
    """A picture by its address."""

    line: int
    column: str
    url: str
    alt: str = ""


@dataclass(frozen=True, slots=True)
class VariantDraft:
    """One variant of the file.

    `title` UNSET: the product has no choices, or the file does not name them. `price_minor` None: blank.
    `quantity`: units that shall be available. `name`: what the file's maker calls it (Google's id), `id`:
    what an export of ours called it; either may be "".
    """

    line: int
    title: str | UnsetType = UNSET
    sku: str | UnsetType = UNSET
    price_minor: int | UnsetType | None = UNSET
    compare_at_minor: int | UnsetType | None = UNSET
    quantity: int | UnsetType = UNSET
    name: str = ""
    id: str = ""


@dataclass(frozen=True, slots=True)
class ProductDraft:
    """One product of the file: all rows of one handle. With `faults` it is not imported at all.

    `taxed` is all that a file says of the tax which has no classes.
    """

    line: int
    handle: str
    title: str
    rows: int
    variants: tuple[VariantDraft, ...]
    description: str | UnsetType = UNSET
    published: bool | UnsetType = UNSET
    tax_class: str | UnsetType | None = UNSET
    taxed: bool | UnsetType | None = UNSET
    pictures: tuple[PictureDraft, ...] = ()
    faults: tuple[Remark, ...] = ()


@dataclass(frozen=True, slots=True)
class Feed:
    """A whole file. `faults` has those of `products` too, in the order of lines; `notes` stop nothing."""

    format: str
    rows: int
    products: tuple[ProductDraft, ...]
    faults: tuple[Remark, ...]
    notes: tuple[Remark, ...]
    ignored_columns: tuple[str, ...]

    @property
    def good(self) -> tuple[ProductDraft, ...]:
        """The products that can be imported, in the file's order."""
        return tuple(product for product in self.products if not product.faults)


class Remarks:
    """Gathers faults and notes while a file is read."""

    def __init__(self) -> None:
        self.faults: list[Remark] = []
        self.notes: list[Remark] = []

    def fault(self, line: int, column: str, code: str, sentence: str) -> None:
        """Say what keeps a row from being imported."""
        self.faults.append(Remark(line, column, code, sentence))

    def note(self, line: int, column: str, code: str, sentence: str) -> None:
        """Say what is imported otherwise than the file's maker may think."""
        self.notes.append(Remark(line, column, code, sentence))
