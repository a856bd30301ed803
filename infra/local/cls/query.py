"""The conditions of a search, as far as the local cloud has them (CLS 614/47044).

    error                              a word anywhere, by the full text index
    "exact phrase"  Repo*              words in this order; a word by its beginning, or with ? for one character
    SCF_Type:Custom  status:>=500      a field's words, or its number, by the key-value index; key:* where it is there
    a AND (b OR NOT c)                 and how they combine

Two conditions without a word between them, ranges, SQL after `|` and whatever else CLS has are refused, so that nothing
is ever found for another reason than there.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any, Final

from infra.local.cls.records import Record
from infra.local.gateway import Refused

Condition = Callable[[Record], bool]
_PIECE: Final = re.compile(
    r"\s*(?:(?P<bracket>[()])|(?:(?P<key>[A-Za-z0-9_\-./@]+):)?"
    r"(?:(?P<sign>>=|<=|>|<|=)\s*(?P<number>-?\d+(?:\.\d+)?)|\"(?P<phrase>(?:[^\"\\]|\\.)*)\"|(?P<word>[^\s()\":|]+)))"
)
_SIGNS: Final[Mapping[str, Callable[[float, float], bool]]] = {
    ">": operator.gt,
    "<": operator.lt,
    "=": operator.eq,
    ">=": operator.ge,
    "<=": operator.le,
}
_HAN: Final = re.compile(r"[\u4e00-\u9fff]|[^\u4e00-\u9fff]+")


def parsed(text: str, rule: Mapping[str, Any]) -> Condition:
    """The condition that `text` is, for an index of this `rule`; raises `Refused`."""
    if text.strip() in ("", "*"):
        return lambda record: True
    reader = _Reader(list(_pieces(text)), rule)
    condition = reader.either()
    reader.end()
    return condition


def _refuse(why: str) -> Refused:
    return Refused("FailedOperation.SyntaxError", why)


def _pieces(text: str) -> Iterator[re.Match[str]]:
    if "|" in re.sub(r'"(?:[^"\\]|\\.)*"', "", text):
        raise _refuse("The local cloud searches, and has no SQL.")
    place = 0
    while text[place:].strip():
        match = _PIECE.match(text, place)
        if match is None:
            raise _refuse(f"The local cloud cannot read {text[place:].strip()!r}.")
        yield match
        place = match.end()


class _Reader:
    """Reads pieces into a condition: OR between ANDs between NOTs."""

    def __init__(self, pieces: Sequence[re.Match[str]], rule: Mapping[str, Any]) -> None:
        self._pieces, self._rule, self._place = pieces, rule, 0

    def either(self) -> Condition:
        found = [self.all()]
        while self._word("OR"):
            found.append(self.all())
        return lambda record: any(condition(record) for condition in found)

    def all(self) -> Condition:
        found = [self.single()]
        while self._word("AND"):
            found.append(self.single())
        return lambda record: all(condition(record) for condition in found)

    def single(self) -> Condition:
        if self._word("NOT"):
            inner = self.single()
            return lambda record: not inner(record)
        if self._place == len(self._pieces):
            raise _refuse("A condition is missing at the end.")
        piece = self._pieces[self._place]
        self._place += 1
        if piece["bracket"] == "(":
            inner = self.either()
            if self._place == len(self._pieces) or self._pieces[self._place]["bracket"] != ")":
                raise _refuse("A bracket is not closed.")
            self._place += 1
            return inner
        if piece["bracket"] or _is_operator(piece):
            raise _refuse(f"A condition is missing before {piece[0].strip()}.")
        return _clause(piece, self._rule)

    def end(self) -> None:
        if self._place < len(self._pieces):
            raise _refuse(f"Say AND or OR before {self._pieces[self._place][0].strip()}.")

    def _word(self, word: str) -> bool:
        if self._place < len(self._pieces) and _is_operator(self._pieces[self._place], word):
            self._place += 1
            return True
        return False


def _is_operator(piece: re.Match[str], *words: str) -> bool:
    word = piece["word"]
    return word is not None and piece["key"] is None and word.upper() in (words or ("AND", "OR", "NOT"))


def _clause(piece: re.Match[str], rule: Mapping[str, Any]) -> Condition:
    key = piece["key"]
    if key is None:
        if piece["sign"]:
            raise _refuse(f"{piece[0].strip()} is no number of any field.")
        if not rule.get("FullText"):
            raise _refuse("The topic has no full text index: name a field.")
        wanted = _Words(piece)
        return lambda record: any(
            wanted.within(value, full) for full in [_full_text(record)] if full for value in record.fields.values()
        )
    indexed = _field(rule, key)
    if indexed is None:
        raise _refuse(f"The field {key} is not in the topic's index.")
    if piece["word"] == "*":
        return lambda record: key in record.fields and _field(record.rule, key) is not None
    if indexed["Type"] != "text":
        return _number(key, piece)
    if piece["sign"]:
        raise _refuse(f"The field {key} is text, which is not compared with numbers.")
    wanted = _Words(piece)

    def holds(record: Record) -> bool:
        field = _field(record.rule, key)
        return field is not None and key in record.fields and wanted.within(record.fields[key], field)

    return holds


def _number(key: str, piece: re.Match[str]) -> Condition:
    try:
        compare, number = _SIGNS[piece["sign"] or "="], float(piece["number"] or piece["word"] or piece["phrase"])
    except ValueError:
        raise _refuse(f"The field {key} is a number.") from None

    def holds(record: Record) -> bool:
        try:
            field, value = _field(record.rule, key), record.fields[key]
            # A fraction is nothing that an index of whole numbers could have.
            read = int(value) if field and field["Type"] == "long" else float(value)
            return field is not None and compare(read, number)
        except (KeyError, ValueError):
            return False

    return holds


def _full_text(record: Record) -> Mapping[str, Any] | None:
    return record.rule.get("FullText") if record.rule else None


def _field(rule: Mapping[str, Any] | None, key: str) -> dict[str, Any] | None:
    """How a field is indexed: its type, its tokenizer, whether its case matters."""
    keys = (rule or {}).get("KeyValue") or {}
    for each in keys.get("KeyValues", []):
        if each["Key"] == key:
            return {**each["Value"], "CaseSensitive": keys["CaseSensitive"]}
    if rule and (rule.get("DynamicIndex") or {}).get("Status"):
        return {"Type": "text", "CaseSensitive": keys.get("CaseSensitive", False)}
    return None


@dataclass(frozen=True)
class _Words:
    """The words that a text is to have."""

    piece: re.Match[str]

    def within(self, text: str, index: Mapping[str, Any]) -> bool:
        """Whether a text that is indexed like this has them."""
        phrase, word = self.piece["phrase"], self.piece["word"]
        there = _split(text, index)
        if word is not None and re.search(r"[*?]", word):
            pattern = re.sub(r"\[", "[[]", word if index["CaseSensitive"] else word.lower())
            return any(fnmatchcase(each, pattern) for each in there)
        wanted = _split(re.sub(r"\\(.)", r"\1", phrase) if phrase is not None else word, index)
        if phrase is None:
            return set(wanted) <= set(there)
        return any(there[place : place + len(wanted)] == wanted for place in range(len(there)))


def _split(text: str, index: Mapping[str, Any]) -> list[str]:
    """A text's words; its Chinese characters one by one, where the index says that there are some."""
    cased = text if index["CaseSensitive"] else text.lower()
    tokenizer = index.get("Tokenizer") or ""
    words = re.split(f"[{re.escape(tokenizer)}]+", cased) if tokenizer else [cased]
    if index.get("ContainZH"):
        words = [part for word in words for part in _HAN.findall(word)]
    return [word for word in words if word]
