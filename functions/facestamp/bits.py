"""Whole numbers as bits, and bits as text that no header can harm.

- **Zigzag** makes a signed number unsigned, small ones staying small: 0, -1, 1, -2, 2 … are 0, 1, 2, 3, 4 …
- **Gamma** (Elias) is for a number n ≥ 0 of unknown size: n + 1 in binary, behind as many zeros as digits follow its
  first.
- **Rice** with parameter p is for a number that is mostly below some 2^(p+1): n >> p ones, a zero, and the p low bits.
  From a quotient of 12 on it is twelve ones and the number in gamma code, so that no number is refused or runs away.
- Six bits, the last ones padded with zeros, are one letter of base64url (RFC 4648, without `=`).
"""

from __future__ import annotations

from collections.abc import Sequence

ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
PARAMETER_BITS = 4
"""What a Rice parameter takes: it is from 0 to 15."""

_SEXTETS = {letter: f"{value:06b}" for value, letter in enumerate(ALPHABET)}
_ESCAPE = 12


def zigzag(number: int) -> int:
    """The unsigned code of a signed number."""
    return 2 * number if number >= 0 else -2 * number - 1


def unzigzag(code: int) -> int:
    """The signed number of a code."""
    return -(code + 1 >> 1) if code & 1 else code >> 1


def gamma(number: int) -> str:
    """A number from 0 as bits, in Elias' gamma code."""
    digits = f"{number + 1:b}"
    return "0" * (len(digits) - 1) + digits


def rice(number: int, parameter: int) -> str:
    """A number from 0 as bits, in Rice code."""
    quotient = number >> parameter
    if quotient >= _ESCAPE:
        return "1" * _ESCAPE + gamma(number)
    rest = f"{number - (quotient << parameter):0{parameter}b}" if parameter else ""
    return "1" * quotient + "0" + rest


def best_parameter(numbers: Sequence[int]) -> int:
    """The Rice parameter that takes the fewest bits; the smallest of several."""

    def length(parameter: int) -> int:
        return sum(len(rice(number, parameter)) for number in numbers)

    return min(range(1 << PARAMETER_BITS), key=length)


def letters(bits: str) -> str:
    """Bits as text."""
    bits += "0" * (-len(bits) % 6)
    return "".join(ALPHABET[int(bits[i : i + 6], 2)] for i in range(0, len(bits), 6))


class Reader:
    """Bits of a text, read from the front; raises ValueError for other text and where the bits end."""

    def __init__(self, text: str) -> None:
        if strange := set(text) - set(_SEXTETS):
            raise ValueError(f"{len(strange)} kinds of characters that are not base64url")
        self._bits = "".join(_SEXTETS[letter] for letter in text)
        self._at = 0

    @property
    def left(self) -> int:
        """How many bits have not been read."""
        return len(self._bits) - self._at

    def take(self, count: int) -> int:
        """The next bits as a binary number."""
        if count > self.left:
            raise ValueError("the bits end too early")
        self._at += count
        return int(self._bits[self._at - count : self._at] or "0", 2)

    def gamma(self) -> int:
        """The next number in gamma code."""
        zeros = 0
        while not self.take(1):
            zeros += 1
        return ((1 << zeros) | self.take(zeros)) - 1

    def rice(self, parameter: int) -> int:
        """The next number in Rice code."""
        quotient = 0
        while quotient < _ESCAPE and self.take(1):
            quotient += 1
        return self.gamma() if quotient == _ESCAPE else (quotient << parameter) | self.take(parameter)

    def end(self) -> None:
        """Check that nothing is left but the padding."""
        if self.left >= 6 or self.take(self.left):
            raise ValueError("bits are left over")
