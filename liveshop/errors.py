"""What can go wrong before and around the running server.

LiveshopError
├── SettingError        a setting is unknown or wrong; the start is refused
├── DataFolderError     the data folder cannot be used
│   └── DataFolderBusy  another liveshop works on it
├── PartMissing         a program the server stands on is missing or too old
└── ChildFailed         a child died five times in a row before it was ready

Every message is one sentence made of facts, fit to be printed alone.
"""


class LiveshopError(Exception):
    """A fault that ends a command with one sentence."""


class SettingError(LiveshopError):
    """A setting is unknown or has a value that cannot be used. Names the setting."""

    def __init__(self, name: str, sentence: str) -> None:
        super().__init__(sentence)
        self.name = name


class DataFolderError(LiveshopError):
    """The data folder cannot be made, read or written."""


class DataFolderBusy(DataFolderError):  # noqa: N818 - named for what is so
    """Another process works on the data folder."""


class PartMissing(LiveshopError):  # noqa: N818 - named for what is so
    """A program or library the server stands on is missing or too old."""


class ChildFailed(LiveshopError):  # noqa: N818 - named for what happened
    """A child process died again and again before it was ready."""
