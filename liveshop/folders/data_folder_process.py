"""Taking the data folder, also when the supervisor before was killed and its children still run."""

import asyncio
import os
import signal
from pathlib import Path

from liveshop.errors import DataFolderBusy
from liveshop.folders.data_folder_files import DataFolder, make_folder, orphans, try_lock
from liveshop.folders.process_marks_files import ProcessMark, is_alive

LOOK_AGAIN_S = 0.05
ASK_LIMIT_S = 3.0
TAKE_LIMIT_S = 20.0


async def take_data_folder(path: Path, limit_s: float = TAKE_LIMIT_S) -> DataFolder:
    """Take the data folder, ending what a killed supervisor left behind before any file is opened.

    Raises `DataFolderBusy` at once if a living supervisor has it, and after `limit_s` if something unknown
    has; `DataFolderError` if it cannot be written.
    """
    make_folder(path)
    loop = asyncio.get_running_loop()
    started_s = loop.time()
    while True:
        left = orphans(path)
        folder = try_lock(path) if not left else None
        if folder is not None:
            folder.record_self()
            return folder
        waited_s = loop.time() - started_s
        if waited_s > limit_s:
            raise DataFolderBusy(f"The data folder {path} is in use by a process this machine does not show.")
        for mark in left.values():
            end(mark, signal.SIGTERM if waited_s < ASK_LIMIT_S else signal.SIGKILL)
        await asyncio.sleep(LOOK_AGAIN_S)


def end(mark: ProcessMark, number: signal.Signals) -> None:
    """Send a signal to exactly that process; through a pidfd, so that no other can be hit in between."""
    try:
        handle = os.pidfd_open(mark.pid)
    except ProcessLookupError:
        return
    try:
        if is_alive(mark):
            signal.pidfd_send_signal(handle, number)
    except (ProcessLookupError, PermissionError):
        return
    finally:
        os.close(handle)
