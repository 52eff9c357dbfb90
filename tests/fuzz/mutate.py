"""Mutations of bytes: what a damaged disk, a careless hand or an attacker makes of a file."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random

MOST = 200_000
NUMBERS = (b"0", b"-1", b"1e400", b"nan", b"9" * 20, b"1" * 5_000, b"2147483648", b"0x7fffffff")
SIGNS = (
    b"\x00", b"\xff\xfe", b"\n", b"\"", b"'", b",", b"=", b"[" * 200, b"{" * 200, b"../../x", b"[]",
    b"a" * 300, b"\xed\xa0\x80", b"\xe2\x80\xae", b"<b>", b"%s%n", b"null", b"{}", b"/dev/zero",
)  # fmt: skip
EDGES = (0, 1, 0x7F, 0x80, 0xFF)


def mutate(chance: Random, seeds: Sequence[bytes], words: Sequence[bytes]) -> bytes:
    """Return a seed after a few changes."""
    data = bytearray(chance.choice(seeds))
    for _ in range(chance.choice((1, 1, 1, 2, 3, 5, 12))):
        chance.choice(CHANGES)(chance, data, seeds, words)
    return bytes(data[:MOST])


Change = Callable[[Random, bytearray, Sequence[bytes], Sequence[bytes]], None]


def _bit(chance: Random, data: bytearray, *_: object) -> None:
    if data:
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)


def _edge(chance: Random, data: bytearray, *_: object) -> None:
    """Set 1, 2, 4 or 8 bytes to a number at the edge of its range."""
    if data:
        width = chance.choice((1, 2, 4, 8))
        at = chance.randrange(len(data))
        data[at : at + width] = bytes([chance.choice(EDGES)]) * width


def _cut(chance: Random, data: bytearray, *_: object) -> None:
    del data[chance.randrange(len(data) + 1) :]


def _drop(chance: Random, data: bytearray, *_: object) -> None:
    at = chance.randrange(len(data) + 1)
    del data[at : at + chance.choice((1, 4, 16, 64))]


def _repeat(chance: Random, data: bytearray, *_: object) -> None:
    at = chance.randrange(len(data) + 1)
    piece = data[at : at + chance.choice((1, 8, 64, 512))]
    data[at:at] = piece * chance.choice((1, 2, 10, 100))


def _word(chance: Random, data: bytearray, _: Sequence[bytes], words: Sequence[bytes]) -> None:
    """Put a word in, or in the place of as many bytes."""
    word = chance.choice([*words, *NUMBERS, *SIGNS])
    at = chance.randrange(len(data) + 1)
    data[at : at + (len(word) if chance.random() < 0.5 else 0)] = word


def _number(chance: Random, data: bytearray, *_: object) -> None:
    """Put another number in the place of one in the text."""
    places = [i for i, b in enumerate(data) if 48 <= b <= 57]
    if places:
        at = chance.choice(places)
        end = at
        while end < len(data) and data[end] in b"0123456789.eE+-":
            end += 1
        data[at:end] = chance.choice(NUMBERS)


def _splice(chance: Random, data: bytearray, seeds: Sequence[bytes], _: object) -> None:
    other = chance.choice(seeds)
    at = chance.randrange(len(other) + 1)
    data[chance.randrange(len(data) + 1) :] = other[at:]


def _lines(chance: Random, data: bytearray, *_: object) -> None:
    lines = bytes(data).split(b"\n")
    chance.shuffle(lines)
    data[:] = b"\n".join(lines)


CHANGES: tuple[Change, ...] = (
    _bit, _bit, _edge, _cut, _drop, _repeat, _word, _word, _word, _number, _number, _splice, _lines,
)  # fmt: skip
