"""Bytes and texts that are not what they should be."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

NUMBERS = (0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 2**63, 2**64 - 1)
_MOST = 64  # bytes that are cut out, repeated or put in at once
_WORDS = (
    '', '\n', '---\n', '&a [*a, *a]', '*a', '!!python/object/apply:os.system ["true"]', '{', '[', ']', '}', '- ',
    ': ', '"', "'", '#', '%YAML:1.0\n', '.nan', '.inf', '-1', '0', '1e309', '-0.0', '0x7fffffff', '1' * 400,
    '1' * 5000, '2024-13-45', '12:99:99', '~', 'null', 'true', '<a>', '</a>', '<!DOCTYPE a [', '&lt;', '\t', '\r',
    '\ufeff', '\u2028', '\U0001f52a', '../../etc/passwd', '/dev/zero', 'NaN', 'Infinity', '\x00', '\x1b[2J', '1_000',
)  # fmt: skip
_LONG = ('\n', ' ', '[', '{', '- ', 'a', '0', '<a>', '\n---\n', '"', '? ', ': ', '&a ', '*a,', '!', '#', '[a]\n')
_LENGTHS = (100, 1_000, 20_000)


def spoiled(good: bytes, chance: random.Random, others: Sequence[bytes] = ()) -> bytes:
    """Return bytes that differ from good ones in one to four places.

    :param others: good ones, of which pieces may be put in
    """
    data = bytearray(good)
    for _ in range(chance.choice((1, 1, 1, 2, 4))):
        chance.choice(_CHANGES)(data, chance)
    if others and chance.random() < 0.1:
        other = chance.choice(others)
        cut = chance.randrange(len(data) + 1)
        data[cut:] = other[min(cut, len(other)) :]
    return bytes(data)


def spoiled_text(good: str, chance: random.Random, words: Sequence[str] = ()) -> str:
    """Return a text that differs from a good one in one to four places.

    :param words: that may be put in, besides those that trouble readers of YAML, JSON, XML and numbers
    """
    text = good
    for _ in range(chance.choice((1, 1, 2, 4))):
        text = chance.choice(_TEXT_CHANGES)(text, chance, (*_WORDS, *words))
    return text


def _flip(data: bytearray, chance: random.Random) -> None:
    if data:
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)


def _overwrite(data: bytearray, chance: random.Random) -> None:
    size = chance.choice((1, 2, 4, 8))
    if len(data) >= size:
        at = chance.randrange(len(data) - size + 1)
        number = chance.choice(NUMBERS) % (1 << 8 * size)
        data[at : at + size] = number.to_bytes(size, chance.choice(('little', 'big')))


def _cut(data: bytearray, chance: random.Random) -> None:
    del data[chance.randrange(len(data) + 1) :]


def _remove(data: bytearray, chance: random.Random) -> None:
    at = chance.randrange(len(data) + 1)
    del data[at : at + chance.randrange(_MOST)]


def _repeat(data: bytearray, chance: random.Random) -> None:
    at = chance.randrange(len(data) + 1)
    data[at:at] = data[at : at + chance.randrange(_MOST)] * chance.choice((1, 1, 2, 100))


def _insert(data: bytearray, chance: random.Random) -> None:
    at = chance.randrange(len(data) + 1)
    data[at:at] = chance.randbytes(chance.randrange(_MOST))


def _clear(data: bytearray, chance: random.Random) -> None:
    at = chance.randrange(len(data) + 1)
    end = min(len(data), at + chance.randrange(_MOST))
    data[at:end] = bytes([chance.choice((0, 0xFF))]) * (end - at)


_CHANGES: tuple[Callable[[bytearray, random.Random], None], ...] = (
    *(_flip, _flip, _overwrite, _overwrite, _overwrite),
    *(_cut, _remove, _repeat, _insert, _clear),
)


def _put_in(text: str, chance: random.Random, words: Sequence[str]) -> str:
    at = chance.randrange(len(text) + 1)
    return text[:at] + chance.choice(words) + text[at:]


def _replace_word(text: str, chance: random.Random, words: Sequence[str]) -> str:
    found = text.split(' ')
    found[chance.randrange(len(found))] = chance.choice(words)
    return ' '.join(found)


def _replace_value(text: str, chance: random.Random, words: Sequence[str]) -> str:
    lines = text.split('\n')
    number = chance.randrange(len(lines))
    head, colon, _ = lines[number].partition(':')
    if colon:
        lines[number] = f'{head}: {chance.choice(words)}'
    return '\n'.join(lines)


def _move_line(text: str, chance: random.Random, _: Sequence[str]) -> str:
    lines = text.split('\n')
    line = lines.pop(chance.randrange(len(lines)))
    lines[chance.randrange(len(lines) + 1) : 0] = [line] * chance.choice((0, 1, 2))
    return '\n'.join(lines)


def _fill(text: str, chance: random.Random, _: Sequence[str]) -> str:
    at = chance.randrange(len(text) + 1)
    return text[:at] + chance.choice(_LONG) * chance.choice(_LENGTHS) + text[at:]


def _laugh(text: str, chance: random.Random, _: Sequence[str]) -> str:
    """Put in a value whose aliases stand for ten to the power of the number of its lines."""
    lines = ['a0: &a0 [1, 1]'] + [f'a{n}: &a{n} [{", ".join([f"*a{n - 1}"] * 10)}]' for n in range(1, 9)]
    return '\n'.join((*lines, text)) if chance.random() < 0.5 else '\n'.join((text, *lines))


def _turn(text: str, chance: random.Random, _: Sequence[str]) -> str:
    return spoiled(text.encode(errors='replace'), chance).decode(errors='replace')


_TEXT_CHANGES: tuple[Callable[[str, random.Random, Sequence[str]], str], ...] = (
    *(_put_in, _replace_word, _replace_value, _replace_value, _replace_value, _move_line, _turn, _turn),
    *(_fill, _laugh),
)
