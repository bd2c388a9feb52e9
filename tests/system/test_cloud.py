from types import SimpleNamespace

import pytest

from cnn.system.cloud import icloud_name, is_only_in_cloud


@pytest.mark.parametrize(
    ("status", "is_away"),
    [
        ({"st_file_attributes": 0x20}, False),  # Windows: a usual file
        ({"st_file_attributes": 0x400000 | 0x20 | 0x200}, True),  # OneDrive, not downloaded
        ({"st_file_attributes": 0x80000 | 0x20}, False),  # OneDrive, "always keep on this device"
        ({"st_file_attributes": 0x1000}, True),  # offline
        ({"st_flags": 0x40}, False),  # macOS: a usual file
        ({"st_flags": 0x40000000 | 0x20}, True),  # iCloud Drive, not downloaded
        ({}, False),  # Linux
    ],
)
def test_files_without_content_on_this_computer_are_recognised(status, is_away):
    assert is_only_in_cloud(SimpleNamespace(**status)) == is_away


def test_the_name_of_a_file_is_found_in_the_name_of_its_placeholder():
    names = (".cat.jpg.icloud", ".Icon\r.icloud", "cat.jpg.icloud", ".icloud", ".cat.jpg")
    assert [icloud_name(name) for name in names] == ["cat.jpg", "Icon\r", "", "", ""]
