"""Files that a program such as OneDrive or iCloud Drive shows in a folder, while their content is only in the cloud.
Opening one downloads it, which can take for ever without a connection."""

import os
import re

# Windows, winnt.h: FILE_ATTRIBUTE_OFFLINE, _RECALL_ON_OPEN, _RECALL_ON_DATA_ACCESS
_WINDOWS_ATTRIBUTES = 0x1000 | 0x40000 | 0x400000
_MAC_DATALESS = 0x40000000  # macOS, sys/stat.h: SF_DATALESS

_ICLOUD = re.compile(r"\.(.+)\.icloud", re.IGNORECASE | re.DOTALL)


def is_only_in_cloud(status: os.stat_result) -> bool:
    """Whether the content of a file is not on this computer."""
    attributes: int = getattr(status, "st_file_attributes", 0)  # only on Windows
    flags: int = getattr(status, "st_flags", 0)  # only on macOS
    return bool(attributes & _WINDOWS_ATTRIBUTES or flags & _MAC_DATALESS)


def icloud_name(name: str) -> str:
    """ "cat.jpg" for ".cat.jpg.icloud", with which iCloud Drive of macOS before version 14 replaces it; else ""."""
    match = _ICLOUD.fullmatch(name)
    return match[1] if match else ""
