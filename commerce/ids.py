"""Ids: a two-letter prefix that tells the kind, and 80 random bits in lower-case base 32.

shop `sp_`, show `sh_`, product `pr_`, variant `va_`, pool `po_`, flash sale `fs_`, reservation `rs_`,
order `or_`, payment `pa_`, account `ac_`, guest `gu_`, device `de_`, picture `pi_`, outbox row `ob_`,
webhook `we_`, its event `ev_`, its delivery `wd_`, attachment of a message `af_`,
picture of a comment `cp_`.
"""

import base64
import secrets


def new_id(prefix: str) -> str:
    """Answer `prefix_` and 16 random characters of a-z and 2-7."""
    return f"{prefix}_{base64.b32encode(secrets.token_bytes(10)).decode().lower()}"


def main_pool(variant: str) -> str:
    """Answer the id of a variant's main pool."""
    return f"po_{variant}"


def sale_pool(sale: str) -> str:
    """Answer the id of a flash sale's own pool."""
    return f"po_{sale}"
