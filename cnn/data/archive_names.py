"""The names in a .zip, as they were meant.

An entry says that its name is UTF-8, or carries a copy of it in UTF-8 (Info-ZIP's "Unicode path"), or says nothing.
Then the name is in the encoding of the computer that made the archive: GBK in China, cp866 in Russia, and so on. All
such names of an archive share one encoding: of those that can decode them all, the one under which they are the most
probable. A rough number of bits per character compares the encodings, because the names of classes are too short for
the statistics of a language.

Imports neither torch nor Streamlit.
"""

import re
import unicodedata
import zipfile
import zlib
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

UTF8_FLAG = 0x800
UNICODE_PATH = 0x7075  # PKWARE's APPNOTE.TXT, 4.6.9
CERTAIN = 8.0  # bits by which the next encoding has to be worse

# Bits of a character. A rare one costs more than the common ones of another encoding, a symbol inside a word most.
_SYMBOL, _RARE, _MIXED = 16.0, 18.0, 9.0
_ASCII_LETTER, _ASCII_OTHER = 5.0, 10.0  # not free: they are second bytes in Shift JIS, GBK and Big5

# The most frequent syllables of Korean; the encoding has 2,350.
_HANGUL = frozenset(
    "이다는을를에의가고하한지사어기자리나도로아서대시인일정보전제주수구장상해소부조과원공선여우동성국문미치관강경계신양개마"
    "생물물고래새꽃나무곰말소닭돼호랑토끼슴라바람비오차무배유은년으연발면위생화있들스그것않등할했게되될된만안없요"
    "임산실금중분학교회방내용현세력심적작재종청민모당반레트드크르프터타카파포코피키토테디노네데버베브블류명영입여외"
    "울음식품집간건단달러며거려령석설속손송승식안야약양업역열예온와왕운월육응의저절점접존종좋죄준즈직진집짜째찾"
    "책처천초총최추출충층친침큰탄태통투특편평표필합향허혁형호혼확황후흥희병건강정상폐염암컷견묘과딸바복숭귤"
)  # fmt: skip


class _Encoding(NamedTuple):
    """codec: Python's name. name: for the user. bits: of a character, from its bytes and its text."""

    codec: str
    name: str
    bits: Callable[[bytes, str], float]


class Names(NamedTuple):
    """names: one for each entry. note: a sentence about an encoding that had to be guessed, or ""."""

    names: tuple[str, ...]
    note: str


def names_of(entries: Sequence[zipfile.ZipInfo]) -> Names:
    """The names of the entries of an archive, with their folders. Different entries keep different names."""
    names = [_stated_name(entry) for entry in entries]
    unknown = {_raw(entry) for entry, name in zip(entries, names, strict=True) if name is None}
    if not unknown:
        return Names(tuple(name or "" for name in names), "")
    encodings = _likeliest_first(unknown)
    codec = encodings[0][1].codec if encodings else "cp437"  # it can decode anything
    note = _note(unknown, encodings)
    return Names(
        tuple(_raw(entry).decode(codec) if name is None else name for entry, name in zip(entries, names, strict=True)),
        note,
    )


def _raw(entry: zipfile.ZipInfo) -> bytes:
    return entry.orig_filename.encode("cp437")  # which zipfile decoded it with


def _stated_name(entry: zipfile.ZipInfo) -> str | None:
    """The name, if the entry says how to decode it or if it is ASCII."""
    if entry.flag_bits & UTF8_FLAG or entry.orig_filename.isascii():
        return entry.orig_filename
    return _unicode_path(entry)


def _unicode_path(entry: zipfile.ZipInfo) -> str | None:
    """The name in the extra field: version (1), CRC-32 of the other name, UTF-8 text. A wrong CRC means that a program
    has renamed the entry without updating the field."""
    extra = entry.extra
    while len(extra) >= 4:
        kind, size = int.from_bytes(extra[:2], "little"), int.from_bytes(extra[2:4], "little")
        data, extra = extra[4 : 4 + size], extra[4 + size :]
        is_valid = kind == UNICODE_PATH and len(data) > 5 and data[0] == 1
        if is_valid and int.from_bytes(data[1:5], "little") == zlib.crc32(_raw(entry)):
            try:
                return data[5:].decode("utf-8")
            except UnicodeDecodeError:
                return None
    return None


def _likeliest_first(names: Iterable[bytes]) -> list[tuple[float, _Encoding]]:
    """The encodings that can decode all names, with the bits that the names take."""
    words = {word for name in names for word in _words(name)}
    found = []
    for encoding in ENCODINGS:
        try:
            texts = {name.decode(encoding.codec) for name in names}
        except UnicodeDecodeError:
            continue
        if len(texts) == len(set(names)):
            found.append((sum(_bits(word, encoding) for word in words), encoding))
    return sorted(found, key=lambda pair: pair[0])


def _words(name: bytes) -> list[bytes]:
    """The parts of a name between characters that are no second byte in any of the encodings."""
    return [word for word in re.split(rb"[ -?]+", name) if not word.isascii()]


def _bits(word: bytes, encoding: _Encoding) -> float:
    try:
        text = word.decode(encoding.codec)
    except UnicodeDecodeError:
        return len(word) * _RARE
    bits, before = 0.0, ""  # before: the character to the left
    for character in text:
        if character.isascii():
            bits += _ASCII_LETTER if character.isalpha() else _ASCII_OTHER
        else:
            bits += encoding.bits(character.encode(encoding.codec), character)
        if before and before.isalpha() and character.isalpha():
            bits += _MIXED * (_script(before) != _script(character))
            bits += _MIXED * (before.islower() and character.isupper())
        before = character
    return bits


def _script(letter: str) -> str:
    """LATIN, CYRILLIC, CJK, ..."""
    return unicodedata.name(letter, "UNKNOWN").split()[0].replace("HIRAGANA", "CJK").replace("KATAKANA", "CJK")


def _gbk(code: bytes, _: str) -> float:
    """GB 2312 has two levels: 3,755 common characters and 3,008 others. GBK adds 14,000."""
    if len(code) < 2 or code[1] < 0xA1:
        return _RARE
    return 12.0 if 0xB0 <= code[0] <= 0xD7 else 15.0 if 0xD8 <= code[0] <= 0xF7 else _SYMBOL


def _big5(code: bytes, _: str) -> float:
    return 12.5 if 0xA4 <= code[0] <= 0xC6 else 16.5 if 0xC9 <= code[0] <= 0xF9 else _SYMBOL


def _korean(code: bytes, character: str) -> float:
    if character in _HANGUL:
        return 8.0
    return 14.0 if len(code) == 2 and 0xB0 <= code[0] <= 0xC8 and code[1] >= 0xA1 else _RARE


def _japanese(code: bytes, character: str) -> float:
    if "ぁ" <= character <= "ヿ":
        return 7.0
    return 12.5 if len(code) == 2 and b"\x88\x9f" <= code <= b"\x98\x72" else _RARE


def _cyrillic(_: bytes, character: str) -> float:
    return 5.5 if "А" <= character <= "я" or character in "ёЁ" else _RARE


def _latin(_: bytes, character: str) -> float:
    return 7.0 if character in _LATIN else 12.0 if character.isalpha() and character not in "ƒªº" else _SYMBOL


def _central(_: bytes, character: str) -> float:
    return 7.5 if character in _CENTRAL else 12.5 if character.isalpha() else _SYMBOL


_LATIN = frozenset("äöüßéèêëàâáãåæçíìîïñóòôõøœúùûÿÄÖÜÉÈÀÁÃÅÆÇÍÑÓÕØÚ")
_CENTRAL = frozenset("ąćęłńóśźżáčďéěíňřšťúůýžôľĺŕäöüőűăâîșțşţđĄĆĘŁŃÓŚŹŻČĎŇŘŠŤÚŮÝŽŐŰĐ")

ENCODINGS = (
    _Encoding("utf-8", "UTF-8", lambda code, _: 0.0),  # bytes of another encoding are hardly ever valid UTF-8
    _Encoding("gbk", "GBK (Chinese)", _gbk),
    _Encoding("cp950", "Big5 (Chinese, traditional)", _big5),
    _Encoding("cp932", "Shift JIS (Japanese)", _japanese),
    _Encoding("cp949", "EUC-KR (Korean)", _korean),
    _Encoding("cp866", "cp866 (Cyrillic)", _cyrillic),
    _Encoding("cp1251", "Windows-1251 (Cyrillic)", _cyrillic),
    _Encoding("cp437", "cp437 (Western Europe)", _latin),
    _Encoding("cp850", "cp850 (Western Europe)", _latin),
    _Encoding("cp1252", "Windows-1252 (Western Europe)", _latin),
    _Encoding("cp852", "cp852 (Central Europe)", _central),
)


def _note(names: Iterable[bytes], encodings: list[tuple[float, _Encoding]]) -> str:
    """Which encoding was taken, with examples; if others are nearly as likely, the next, and what to do."""
    names = sorted(names)
    if not encodings or encodings[0][1].codec == "utf-8":
        return ""
    (best, taken), *others = encodings
    text = f"The archive does not say how its names are encoded. Read as {taken.name}: {_examples(names, taken.codec)}."
    meant = _examples(names, taken.codec)
    for bits, other in others:
        if bits - best < CERTAIN and (reading := _examples(names, other.codec)) != meant:
            text += (
                f" They could also be {other.name}: {reading}. If the names are wrong, rename the folders, or create "
                "the archive again with UTF-8 names."
            )
            break
    return text


def _examples(names: Sequence[bytes], codec: str) -> str:
    """The first names that need the encoding: folders before files."""
    parts: dict[str, None] = {}
    for depth in range(8):
        for name in names:
            folders = name.decode(codec).replace("\\", "/").split("/")
            if depth < len(folders) and not folders[depth].isascii():
                parts[folders[depth]] = None
                if len(parts) == 3:
                    break
        if parts:
            break
    return ", ".join(f"“{part[:40]}”" for part in parts)
