"""The smallest file that passes for an MP4 of a given frame."""

import struct


def video(width: int, height: int) -> bytes:
    body = b"\x00" * 76 + struct.pack(">II", width << 16, height << 16)
    return b"\x00\x00\x00\x18ftypmp42" + b"\x00" * 16 + b"\x00\x00\x00\x5ctkhd" + body
