"""docs/webhooks.md says what the program does, and its examples verify what the program signs."""

import base64
import json
import re
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from commerce.payments.signature import signed_headers
from commerce.webhooks.events import EventType

DOCUMENT = Path(__file__).parents[3] / "docs" / "webhooks.md"
KEY = b"k" * 32
SECRET = "whsec_" + base64.b64encode(KEY).decode()
BODY = '{"type":"webhook.test","data":{"message":"谢谢"}}'.encode()


def example(language: str) -> str:
    """Return the document's example in a language."""
    found = re.search(rf"```{language}\n(.*?)```", DOCUMENT.read_text(encoding="utf-8"), re.DOTALL)
    assert found is not None
    return found[1]


def in_python(headers: dict[str, str], body: bytes) -> bool:
    """Ask the Python example."""
    names: dict[str, Any] = {}
    exec(example("python"), names)  # noqa: S102 - it is the example that is tested
    return bool(names["is_genuine"](SECRET, headers, body))


def in_javascript(headers: dict[str, str], body: bytes) -> bool:
    """Ask the JavaScript example."""
    given = f"{json.dumps(SECRET)}, {json.dumps(headers)}, Buffer.from({json.dumps(body.hex())}, 'hex')"
    script = f"{example('javascript')}\nconsole.log(isGenuine({given}));"
    words = ["node", "--input-type=module", "-e", script]
    said = subprocess.run(words, capture_output=True, text=True, check=True, timeout=60).stdout
    return {"true": True, "false": False}[said.strip()]


@pytest.mark.parametrize("verify", [in_python, in_javascript])
def test_the_examples_verify_what_is_sent(verify: Callable[[dict[str, str], bytes], bool]) -> None:
    """Also beside the signature of an older secret; another body, key or an old time is refused."""
    now_s = int(time.time())
    headers = signed_headers(b"new" * 10, "ev_1", now_s, BODY, KEY)
    assert verify(headers, BODY)
    assert not verify(headers, BODY + b" ")
    assert not verify(signed_headers(b"x" * 32, "ev_1", now_s, BODY), BODY)
    assert not verify(signed_headers(KEY, "ev_1", now_s - 400, BODY), BODY)


def test_every_kind_of_event_is_documented() -> None:
    """One row for each, and no other."""
    rows = re.findall(r"^\| `([a-z]+\.[a-z_]+)` \|", DOCUMENT.read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert rows == [kind.value for kind in EventType]
