"""Python reads this first in each process of a server under test: this folder is on its path."""

import os
import sys

if "children" in sys.orig_argv and "CHAOS_FOLDER" in os.environ:
    from benchmarks.chaos_sale.inside import Orders, install

    install(Orders.read(os.environ))
