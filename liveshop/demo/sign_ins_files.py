"""The demo's passwords: random for each data folder, kept in a file only its owner can read."""

import json
import os
import secrets
from pathlib import Path

FILE = "demo-sign-ins.json"


def sign_in_passwords(data_folder: str, emails: tuple[str, ...]) -> tuple[dict[str, str], frozenset[str]]:
    """Answer a password for each e-mail, and which were made up now because the file had none."""
    path = Path(data_folder) / FILE
    kept: dict[str, str] = json.loads(path.read_text("utf-8")) if path.exists() else {}
    missing = [email for email in emails if email not in kept]
    if missing:
        kept |= {email: secrets.token_urlsafe(9) for email in missing}
        _write(path, kept)
    return {email: kept[email] for email in emails}, frozenset(missing)


def _write(path: Path, kept: dict[str, str]) -> None:
    draft = path.with_suffix(".part")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump(kept, file, indent=1)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
