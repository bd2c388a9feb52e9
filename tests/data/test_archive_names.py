import struct
import zipfile
import zlib

import pytest

from cnn.data.archive_names import names_of


def entry(raw: bytes, flags: int = 0, extra: bytes = b"") -> zipfile.ZipInfo:
    """As zipfile reads it from an archive."""
    made = zipfile.ZipInfo(raw.decode("utf-8" if flags & 0x800 else "cp437"))
    made.flag_bits, made.extra = flags, extra
    return made


def unicode_path(text: str, of: bytes) -> bytes:
    data = struct.pack("<BL", 1, zlib.crc32(of)) + text.encode()
    return struct.pack("<HH", 0x5455, 1) + b"\0" + struct.pack("<HH", 0x7075, len(data)) + data


@pytest.mark.parametrize(
    ("codec", "classes"),
    [
        *(("gbk", "猫 狗"), ("gbk", "飞机 汽车 鸟"), ("gbk", "正常 肺炎"), ("gbk", "苹果 香蕉")),
        *(("big5", "貓 狗"), ("big5", "飛機 汽車 鳥"), ("big5", "蘋果 香蕉")),
        *(("cp932", "猫 犬"), ("cp932", "ネコ イヌ"), ("cp932", "表 ソ"), ("cp932", "りんご バナナ")),
        *(("cp949", "고양이 개"), ("cp949", "정상 폐렴"), ("cp949", "사과 바나나"), ("cp949", "비행기 자동차")),
        *(("cp866", "Кошка Собака"), ("cp866", "кот пёс"), ("cp1251", "Кошка Собака"), ("cp1251", "кот пёс")),
        *(("cp437", "Kätzchen Hündin"), ("cp437", "größe"), ("cp850", "ÉCUREUIL"), ("cp437", "niño")),
        *(("cp1252", "Größe"), ("cp1252", "Café thé"), ("cp1252", "cœur"), ("cp1252", "ÉCUREUIL")),
        *(("cp852", "kočka pes"), ("cp852", "żółw pies"), ("utf-8", "猫 狗"), ("utf-8", "Kätzchen Ёж")),
    ],
)
def test_names_of_another_computer_are_read_as_they_were_meant(codec, classes):
    paths = [f"set/{name}/{name} ({i}).jpg" for name in classes.split() for i in range(3)] + ["set/notes.txt"]
    names, note = names_of([entry(path.encode(codec)) for path in paths])
    assert list(names) == paths
    assert bool(note) == (codec != "utf-8")
    assert not note or any(f"“{name}”" in note for name in classes.split())


def test_names_that_could_be_of_two_encodings_are_told_with_both_and_what_to_do():
    _, note = names_of([entry(name.encode("gbk")) for name in ("猫/1.jpg", "狗/1.jpg")])
    assert "Read as GBK (Chinese): “狗”, “猫”. They could also be Big5" in note
    assert note.endswith("create the archive again with UTF-8 names.")


def test_names_whose_encoding_is_certain_are_told_in_one_sentence():
    _, note = names_of([entry(name.encode("cp949")) for name in ("고양이/1.jpg", "강아지/1.jpg")])
    assert note == "The archive does not say how its names are encoded. Read as EUC-KR (Korean): “강아지”, “고양이”."


def test_all_names_of_an_archive_are_read_in_one_encoding():
    """ "Мв" alone would be Cyrillic."""
    paths = ["犬/1.jpg", "ねこ/1.jpg", "うさぎ/1.jpg"]
    assert list(names_of([entry(path.encode("cp932")) for path in paths]).names) == paths


def test_a_name_marked_as_utf_8_says_nothing_about_the_others():
    entries = [entry("è/1.jpg".encode(), 0x800), entry("猫/1.jpg".encode("gbk")), entry("狗/1.jpg".encode("gbk"))]
    assert names_of(entries).names == ("è/1.jpg", "猫/1.jpg", "狗/1.jpg")


def test_the_unicode_path_of_an_entry_counts_unless_it_belongs_to_another_name():
    raw = "猫/1.jpg".encode("gbk")
    assert names_of([entry(raw, extra=unicode_path("虎/1.jpg", raw))]) == (("虎/1.jpg",), "")
    renamed = entry(raw, extra=unicode_path("虎/1.jpg", b"another name"))
    assert names_of([renamed, entry("狗/1.jpg".encode("gbk"))]).names == ("猫/1.jpg", "狗/1.jpg")


@pytest.mark.parametrize("extra", [b"\x75\x70", b"\x75\x70\x05\x00\x01", b"\x75\x70\xff\xff\x01abc", b"\0" * 9])
def test_a_damaged_extra_field_is_ignored(extra):
    assert names_of([entry("größe.jpg".encode("cp850"), extra=extra)]).names == ("größe.jpg",)


def test_bytes_that_are_text_in_no_encoding_still_give_different_names():
    raw = [bytes([a, b]) + b".jpg" for a in range(0x80, 0x100, 3) for b in range(0x80, 0x100, 5)]
    names, _ = names_of([entry(name) for name in raw])
    assert len(set(names)) == len(raw)
