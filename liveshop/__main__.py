"""`python -m liveshop`: the command line."""

import sys

from liveshop.command_line import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
