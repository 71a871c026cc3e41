"""The columns of Shopify's product CSV that we keep, in its old and its new words.

Source: help.shopify.com, "Using CSV files to import and export products". Any mixture of the two is read, in
any case of letters; what we write has the new words.
"""

from collections.abc import Mapping

TAX_CLASS_COLUMN = "liveshop tax class"
"""A column of our own: Shopify only says whether tax is charged at all."""
VARIANT_COLUMN = "liveshop variant ID"
"""A column of our own: lets a changed title of a variant be told from a new variant."""

_BOTH: tuple[tuple[str, str, str], ...] = (
    ("handle", "Handle", "URL handle"),
    ("title", "Title", "Title"),
    ("description", "Body (HTML)", "Description"),
    ("published", "Published", "Published on online store"),
    ("status", "Status", "Status"),
    ("option1_name", "Option1 Name", "Option1 name"),
    ("option1", "Option1 Value", "Option1 value"),
    ("option2_name", "Option2 Name", "Option2 name"),
    ("option2", "Option2 Value", "Option2 value"),
    ("option3_name", "Option3 Name", "Option3 name"),
    ("option3", "Option3 Value", "Option3 value"),
    ("sku", "Variant SKU", "SKU"),
    ("price", "Variant Price", "Price"),
    ("compare_at", "Variant Compare At Price", "Compare-at price"),
    ("quantity", "Variant Inventory Qty", "Inventory quantity"),
    ("taxed", "Variant Taxable", "Charge tax"),
    ("tax_class", TAX_CLASS_COLUMN, TAX_CLASS_COLUMN),
    ("picture", "Image Src", "Product image URL"),
    ("picture_position", "Image Position", "Image position"),
    ("picture_alt", "Image Alt Text", "Image alt text"),
    ("variant_picture", "Variant Image", "Variant image URL"),
    ("variant_id", VARIANT_COLUMN, VARIANT_COLUMN),
)
COLUMNS: Mapping[str, str] = {theirs.lower(): ours for ours, *both in _BOTH for theirs in both}
"""Our name of a column by Shopify's, in lower case."""

DEFAULT_OPTION = ("title", "default title")
"""How Shopify writes that a product has no choices."""

WRITTEN: tuple[str, ...] = (
    "Title", "URL handle", "Description", "Published on online store", "Status", "SKU", "Option1 name",
    "Option1 value", "Price", "Compare-at price", "Charge tax", "Inventory tracker", "Inventory quantity",
    "Continue selling when out of stock", "Product image URL", "Image position", "Image alt text",
    VARIANT_COLUMN, TAX_CLASS_COLUMN,
)  # fmt: skip
"""What an export has, in this order."""
