"""Sets one front's clock five seconds ahead; `test_clocks.py` puts this folder on the Python path.

Everything that front reads of the wall clock is wrong by that much, as on a machine that was never set.
Monotonic clocks are left alone: no machine's run differently.
"""

import sys
import time

AHEAD_S = 5
_real_s, _real_ns = time.time, time.time_ns


def _set_ahead() -> None:
    # The module is set for good, before anything of the child runs; nobody took the functions out of it.
    setattr(time, "time", lambda: _real_s() + AHEAD_S)  # noqa: B010
    setattr(time, "time_ns", lambda: _real_ns() + AHEAD_S * 1_000_000_000)  # noqa: B010


def _watch_for_its_name() -> None:
    # Children are forked, and learn then which one they are: that is when each takes its title.
    import setproctitle

    inner = setproctitle.setproctitle

    def outer(title: str) -> None:
        inner(title)
        if title == "liveshop front-1":
            _set_ahead()

    setattr(setproctitle, "setproctitle", outer)  # noqa: B010


if "children" in sys.orig_argv:
    _watch_for_its_name()
