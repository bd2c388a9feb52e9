"""PNG files whose side chunks are damaged or large. Like every viewer, we read the picture and skip these chunks.

Format: PNG specification, third edition (W3C 2023), sections 5 (chunks) and 11 (their content).
"""

import struct
import zlib

SIGNATURE = b"\x89PNG\r\n\x1a\n"
_END = b"\0\0\0\0IEND\xaeB`\x82"
_MOST_TEXTS = 100
_MOST_TEXT = 100_000  # bytes of a side chunk, packed and unpacked; Pillow refuses files with 1 MB

_PICTURE = (b"IHDR", b"PLTE", b"IDAT")
# Side chunks with a keyword and compressed content: profile and text. A keyword ends with a zero.
_TEXTS = (b"tEXt", b"zTXt", b"iTXt")
_COMPRESSED = (b"iCCP", b"zTXt", b"iTXt")


class PngError(ValueError):
    """What is wrong with a PNG file: a phrase to put after "is damaged: "."""


def readable_png(data: bytes) -> bytes:
    """The file without damaged and large side chunks, and with its end if that is missing; the same object if nothing
    has to change.

    Raises PngError if a chunk that the picture needs has a wrong checksum: decoders would ignore that.
    """
    kept: list[bytes] = []
    start, position, texts = 0, len(SIGNATURE), 0
    view = memoryview(data)
    while True:
        length, kind = int.from_bytes(data[position : position + 4], "big"), data[position + 4 : position + 8]
        end = position + 12 + length
        if not kind.isalpha() or len(kind) < 4 or end > len(data):
            # The end of the file is missing. A cut part of the picture itself stays, so that the decoder reports it.
            cut = data[position:] if kind in _PICTURE else _END
            return b"".join([*kept, data[start:position], cut])
        is_whole = zlib.crc32(view[position + 4 : end - 4]) == struct.unpack_from(">I", data, end - 4)[0]
        if kind == b"IEND":
            return b"".join([*kept, data[start:position], _END]) if kept or not is_whole else data
        is_side_chunk = bool(kind[0] & 0x20)
        if not is_whole and not is_side_chunk:
            raise PngError(f"wrong checksum in its chunk {kind.decode('latin-1')!r}")
        texts += kind in _TEXTS
        is_one_too_many = kind in _TEXTS and texts > _MOST_TEXTS
        is_readable = is_whole and not is_one_too_many and not _is_large(kind, view[position + 8 : end - 4])
        if is_side_chunk and not is_readable:
            kept.append(data[start:position])
            start = end
        position = end


def _is_large(kind: bytes, content: memoryview) -> bool:
    """Whether a side chunk that the picture does not need is too large to read, or damaged inside."""
    if kind in (b"tRNS", b"acTL", b"fcTL", b"fdAT"):
        return False
    if len(content) > _MOST_TEXT:
        return kind != b"eXIf"  # it says which side is up
    if kind not in _COMPRESSED:
        return False
    rest = bytes(content).partition(b"\0")[2]  # after the keyword
    if kind == b"iTXt":
        is_compressed, rest = rest[:1] == b"\1", rest[2:].partition(b"\0")[2].partition(b"\0")[2]
        if not is_compressed:
            return False
    else:
        rest = rest[1:]
    try:
        unpacker = zlib.decompressobj()
        unpacker.decompress(rest, _MOST_TEXT)
        return bool(unpacker.unconsumed_tail) or not unpacker.eof
    except zlib.error:
        return True
