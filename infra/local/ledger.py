"""The ledger of what the local cloud does: LEDGER.md, written from the marks that tests carry.

    @pytest.mark.behaviour(service="cos", what="…", standing="documented", source="COS 436/7730")

A behaviour is documented (a page says so), observed (seen in Tencent's own SDKs, samples or answers) or assumed (our
reading of what is left open). The marks are read from the tests' text, without running them, so that the ledger is the
same wherever it is written.
"""

from __future__ import annotations

import ast
import contextlib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).parents[2]
TESTS: Final = ROOT / "tests"
LEDGER: Final = Path(__file__).with_name("LEDGER.md")

STANDINGS: Final = ("documented", "observed", "assumed")
SERVICES: Final = {
    "cos": "COS, object storage",
    "ci": "CI, Cloud Infinite",
    "iai": "IAI, the face service",
    "scf": "SCF, functions",
    "cam": "CAM, who may do what",
    "sts": "STS, temporary keys",
    "tag": "Tags",
    "cls": "CLS, logs",
    "monitor": "Cloud Monitor, alarms",
    "url": "Function URL",
    "tls": "The same hosts over TLS",
    "pulumi": "Provisioning",
}

_HEAD: Final = """\
# What the local cloud does, and how we know

Written by `make ledger` from the marks of the tests; do not edit. **Documented** behaviour is on the page named,
**observed** was seen in Tencent's own SDKs, samples or answers, and **assumed** is our reading of what nobody says.
Where two readings are possible, [readings.py](readings.py) has both, and the functions are tested under each.
"""
_PAGE = re.compile(r"\b(?:[A-Z]+ )?(?P<international>international )?(?P<page>\d{2,4}/\d{4,6})\b")


@dataclass(frozen=True)
class Behaviour:
    """One mark."""

    service: str
    what: str
    standing: str
    source: str
    test: str
    """The test's node id."""


class Illegible(ValueError):
    """A mark that cannot be entered; says which and why."""


def behaviours(tests: Path = TESTS) -> list[Behaviour]:
    """Every mark, by file and line; raises `Illegible`."""
    return [found for path in sorted(tests.rglob("test_*.py")) for found in _marks(path, tests.parent)]


def written(entries: Iterable[Behaviour]) -> str:
    """The ledger's text."""
    known = list(entries)
    lines = [_HEAD, "| service | " + " | ".join(STANDINGS) + " |", "|---" * (1 + len(STANDINGS)) + "|"]
    for service, title in SERVICES.items():
        mine = [entry for entry in known if entry.service == service]
        if mine:
            counts = (str(sum(entry.standing == standing for entry in mine)) for standing in STANDINGS)
            lines.append(f"| {title} | {' | '.join(counts)} |")
    for service, title in SERVICES.items():
        mine = [entry for entry in known if entry.service == service]
        if mine:
            lines += ["", f"## {title}", "", "| what | standing | source | test |", "|---|---|---|---|"]
            lines += [_row(entry) for entry in sorted(mine, key=lambda entry: STANDINGS.index(entry.standing))]
    return "\n".join(lines) + "\n"


def run() -> int:
    """Write the ledger; 1 if a mark cannot be entered."""
    entries = behaviours()
    LEDGER.write_text(written(entries), encoding="utf-8")
    print(f"{LEDGER.relative_to(ROOT)}: {len(entries)} behaviours")
    return 0


def _marks(path: Path, root: Path) -> Iterator[Behaviour]:
    tree = ast.parse(path.read_text("utf-8"))
    known = dict(_constants(tree.body))
    for node, names in _tests(tree.body, ()):
        for mark in node.decorator_list:
            if isinstance(mark, ast.Call) and ast.unparse(mark.func) == "pytest.mark.behaviour":
                yield _entry(mark, known, "::".join([path.relative_to(root).as_posix(), *names, node.name]))


def _tests(
    body: Iterable[ast.stmt], names: tuple[str, ...]
) -> Iterator[tuple[ast.FunctionDef | ast.ClassDef, tuple[str, ...]]]:
    for node in body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            yield node, names
        if isinstance(node, ast.ClassDef):
            yield from _tests(node.body, (*names, node.name))


def _constants(body: Iterable[ast.stmt]) -> Iterator[tuple[str, Any]]:
    """The module's own literals, by name."""
    for node in body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            with contextlib.suppress(ValueError):
                yield node.targets[0].id, ast.literal_eval(node.value)


def _entry(mark: ast.Call, known: Mapping[str, Any], test: str) -> Behaviour:
    order = [field.name for field in fields(Behaviour) if field.name != "test"]
    told: dict[str, Any] = {}
    try:
        for word in mark.keywords:
            shared = isinstance(word.value, ast.Name) and known.get(word.value.id)
            value = shared or ast.literal_eval(word.value)
            told.update(value if word.arg is None else {word.arg: value})
    except ValueError:
        raise Illegible(f"{test}: write the mark's values out.") from None
    if set(told) != set(order) or not all(isinstance(value, str) and value.strip() for value in told.values()):
        raise Illegible(f"{test}: a behaviour has {', '.join(order)}, each a sentence or a word.")
    if told["standing"] not in STANDINGS or told["service"] not in SERVICES:
        raise Illegible(f"{test}: the standing is one of {STANDINGS}, the service one of {tuple(SERVICES)}.")
    return Behaviour(**told, test=test)


def _row(entry: Behaviour) -> str:
    path, _, name = entry.test.partition("::")
    source = _PAGE.sub(_linked, entry.source)
    cells = (entry.what, entry.standing, source, f"[{name.rpartition('::')[2]}](../../{path})")
    return "| " + " | ".join(" ".join(cell.replace("|", "\\|").split()) for cell in cells) + " |"


def _linked(page: re.Match[str]) -> str:
    site = "www.tencentcloud.com" if page["international"] else "cloud.tencent.com"
    return f"[{page[0]}](https://{site}/document/product/{page['page']})"
