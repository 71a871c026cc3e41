r"""The demo publisher: a process of its own that keeps an endless show on the air through the real WHIP door.

    python -m liveshop.demo.publisher_process --url http://127.0.0.1:8000/whip/sh_... --shop "Mei's Tea" \
        --product "Oolong 100 g=$8.00"

The stream key comes from the environment (LIVESHOP_STREAM_KEY) or `--key`; the environment is better, since
arguments can be read by every user of the machine. When the server goes away the publisher comes back with
growing, random pauses, for ever. It ends on SIGTERM, SIGINT, when its parent dies (Linux) and, with
`--lifeline FD`, when the other end of that pipe is closed.

Exit codes: 0 = asked to end, 2 = wrong arguments.
"""

import argparse
import ctypes
import logging
import os
import random
import signal
import sys
import threading
import time
from collections.abc import Callable

from liveshop.demo.publisher_av import DemoShow, Door, PublishError, publish
from liveshop.demo.scene import DemoProduct

logger = logging.getLogger(__name__)

KEY_VARIABLE = "LIVESHOP_STREAM_KEY"
DEFAULT_PRODUCTS = ("Oolong 100 g=$8.00", "Clay teapot=$42.00", "Celadon cup=$16.50", "Jasmine pearls=$11.00")
FIRST_PAUSE_S = 0.25
LONGEST_PAUSE_S = 2.0
STEADY_S = 5.0
"""A connection that lasted this long was good: the pauses begin small again."""

END_LIMIT_S = 1.0
"""How long an end may take to delete the session; the thread may hang in a call of FFmpeg's."""

_PR_SET_PDEATHSIG = 1


def pause_s(failures: int, chance: float) -> float:
    """How long to wait before the next try: full jitter under a doubling ceiling.

    `failures` counts from 1, `chance` is a random number from 0 to 1. At least 50 ms, so that it never spins.
    """
    ceiling_s = min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2.0 ** min(failures - 1, 10))
    return max(0.05, ceiling_s * chance)


def keep_publishing(publish_once: Callable[[], None], stop: threading.Event) -> None:
    """Publish again and again until `stop` is set.

    `publish_once` raises PublishError when a connection ends or cannot begin.
    """
    failures = 0
    while not stop.is_set():
        began_s = time.monotonic()
        try:
            publish_once()
        except PublishError as error:
            failures = 1 if time.monotonic() - began_s > STEADY_S else failures + 1
            wait_s = pause_s(failures, random.random())
            level = logging.INFO if failures in {1, 10} else logging.DEBUG
            logger.log(level, "the demo show is off the air (%s); trying again", error)
            stop.wait(wait_s)


def end_with_parent() -> None:
    """Ask the kernel for SIGTERM when the parent dies; elsewhere than on Linux the lifeline has to do."""
    if sys.platform != "linux":
        return
    parent = os.getppid()
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:  # it died in between, and nobody would tell us any more
        sys.exit(0)


def watch_lifeline(handle: int, stop: threading.Event) -> None:
    """Set `stop` when the other end of a pipe is closed; reads on a thread of its own."""

    def read() -> None:
        while os.read(handle, 1024):
            pass
        stop.set()

    threading.Thread(target=read, name="lifeline", daemon=True).start()


def parse_product(text: str) -> DemoProduct:
    """Read `NAME=PRICE`; raises ArgumentTypeError with a sentence."""
    name, equals, price = text.rpartition("=")
    if not (name and equals and price):
        raise argparse.ArgumentTypeError(f"a product is NAME=PRICE, not {text!r}")
    return DemoProduct(name, price)


def parse_arguments(arguments: list[str]) -> argparse.Namespace:
    """Read the command line; ends the process with code 2 and a sentence if it is wrong."""
    parser = argparse.ArgumentParser(prog="liveshop-demo-publisher", description="Publish the demo show.")
    parser.add_argument("--url", required=True, help="WHIP address of the show")
    parser.add_argument("--key", default=os.environ.get(KEY_VARIABLE, ""), help="stream key of the show")
    parser.add_argument("--shop", default="Mei's Tea", help="name on the sign")
    parser.add_argument("--product", action="append", type=parse_product, help="NAME=PRICE, may be repeated")
    parser.add_argument("--lifeline", type=int, help="file descriptor that closes when the parent ends")
    options = parser.parse_args(arguments)
    if not options.key:
        parser.error(f"the stream key is missing: give --key or set {KEY_VARIABLE}")
    options.product = tuple(options.product or map(parse_product, DEFAULT_PRODUCTS))
    return options


def main(arguments: list[str]) -> int:
    """Publish until asked to end; returns the exit code."""
    options = parse_arguments(arguments)
    logging.basicConfig(level=logging.INFO, format="demo publisher: %(message)s")
    end_with_parent()
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    if options.lifeline is not None:
        watch_lifeline(options.lifeline, stop)
    show = DemoShow(options.shop, options.product)
    door = Door(options.url, options.key)
    # FFmpeg's calls can block for seconds; the main thread stays free for signals.
    sender = threading.Thread(
        target=keep_publishing,
        args=(lambda: publish(show, door, stop.is_set), stop),
        name="sender",
        daemon=True,
    )
    sender.start()
    while not stop.wait(3600):
        pass
    sender.join(END_LIMIT_S)
    # Not through the interpreter's end: a thread inside FFmpeg must not touch what is torn down under it.
    logging.shutdown()
    os._exit(0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
