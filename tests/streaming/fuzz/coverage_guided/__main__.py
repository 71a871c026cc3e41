"""`python -m tests.streaming.fuzz.coverage_guided --seconds 60 [TARGET ...]`, or `make fuzz`.

Fuzzes each target of `targets.TARGETS` for its share of the time, guided by the branches of `streaming/` it
reaches (atheris, libFuzzer). A run begins with the messages of a session recorded anew and with what
runs before found (`.fuzz/corpus/`). What raises is kept in `.fuzz/crashes/` and ends the program with 1.
"""

import argparse
import asyncio
import hashlib
import subprocess
import sys
from pathlib import Path

from tests.streaming.fuzz.recording import record_seeds
from tests.streaming.fuzz.targets import TARGETS

CORPUS, CRASHES = Path(".fuzz/corpus"), Path(".fuzz/crashes")
ONE_INPUT_LIMIT_S = 10
LONGEST_BYTES = {"offer": 16_000, "fragment": 4_000, "show": 16_000, "frames": 8_000}
STARTING_LIMIT_S = 120
# Pieces that chance does not hit upon; the superscript is a digit to `str.isdigit` and not to `int`.
WORDS = {
    "offer": (
        "apt=", "²", "٣", "/0", "/9999999999", "a=rtcp-fb:*", "a=rid:", " send", "a=group:BUNDLE", "a=mid:",
        "a=ssrc-group:FID", "a=extmap:", "a=setup:passive", "a=ice-lite", "rtx/90000", "\u2028",
    ),
    "fragment": ("a=ice-ufrag:", "a=ice-pwd:", "a=candidate:", "a=mid:", "²"),
}  # fmt: skip


def main() -> int:
    """Fuzz one target after the other; 1 when something raised."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("targets", nargs="*", metavar="TARGET", help=", ".join(TARGETS))
    arguments = parser.parse_args()
    names = arguments.targets or list(TARGETS)
    if unknown := set(names) - set(TARGETS):
        parser.error(f"no such target: {', '.join(sorted(unknown))}")
    seeds = asyncio.run(record_seeds())
    return max(fuzz(name, seeds[name], max(1, arguments.seconds // len(names))) for name in names)


def fuzz(name: str, seeds: list[bytes], seconds: int) -> int:
    """Fuzz one target in a process of its own; 0 when nothing raised."""
    corpus = CORPUS / name
    for folder in (corpus, CRASHES):
        folder.mkdir(parents=True, exist_ok=True)
    for seed in seeds:
        (corpus / hashlib.sha256(seed).hexdigest()[:16]).write_bytes(seed)
    command = [
        sys.executable, "-m", "tests.streaming.fuzz.coverage_guided.one_target", name, str(corpus),
        f"-max_total_time={seconds}", f"-timeout={ONE_INPUT_LIMIT_S}", "-print_final_stats=1",
        f"-max_len={LONGEST_BYTES.get(name, 2000)}", f"-artifact_prefix={CRASHES}/{name}-",
    ]  # fmt: skip
    if name in WORDS:  # libFuzzer ends at once with 1 where a dictionary is empty
        words = corpus.with_suffix(".words")
        words.write_text("".join(f'"{escaped(word)}"\n' for word in WORDS[name]))
        command.append(f"-dict={words}")
    ended = subprocess.run(
        command,
        capture_output=True,
        text=True,
        errors="replace",
        timeout=seconds + STARTING_LIMIT_S,
        check=False,
    )
    told = [line for line in ended.stderr.splitlines() if "number_of_executed_units" in line]
    inputs = told[0].split()[-1] if told else "no"
    result = "nothing raised" if ended.returncode == 0 else "RAISED"
    print(f"{name:10} {seconds:5} s {inputs:>9} inputs  {result}", flush=True)  # noqa: T201 for people
    if ended.returncode:
        print(ended.stdout[-4000:], ended.stderr[-4000:], sep="\n", flush=True)  # noqa: T201 for people
    return int(ended.returncode != 0)


def escaped(word: str) -> str:
    """Write a word as libFuzzer's dictionaries want it."""
    return "".join(f"\\x{byte:02x}" for byte in word.encode())


if __name__ == "__main__":
    raise SystemExit(main())
