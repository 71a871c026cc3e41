"""Builds the preload library with the system's C compiler."""

import shutil
import subprocess
from pathlib import Path

SOURCE = Path(__file__).with_name("power_cut.c")
COMPILERS = ("cc", "gcc", "clang")
FLAGS = ("-shared", "-fPIC", "-O2", "-std=gnu11", "-Wall", "-Wextra", "-Werror")


def build(folder: Path) -> Path:
    """Build the library in `folder`; returns its path. Raises RuntimeError when there is no compiler."""
    compiler = next((path for name in COMPILERS if (path := shutil.which(name))), None)
    if compiler is None:
        raise RuntimeError("A C compiler is needed for power cuts: apt-get install gcc libc6-dev.")
    library = folder / "power_cut.so"
    subprocess.run([compiler, *FLAGS, "-o", str(library), str(SOURCE), "-ldl", "-lpthread"], check=True)
    return library
