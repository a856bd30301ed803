"""The documents at `/docs`: the OpenAPI description as one page, which needs no script to be read.

Each operation is at `#<operationId>`, each kind of problem at `#<slug>`, each schema at `#schema-<name>`.
"""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from html import escape
from typing import Any
from urllib.parse import urlencode

from facestamp.http.documents.schemas import REF, example
from facestamp.http.gate import signing
from facestamp.http.replies.problems import KINDS, Kind

_Object = Mapping[str, Any]

_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>facestamp: the API</title>
<link rel="icon" href="/page/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/page/style.css">
<script type="module" src="/page/docs.js"></script>
</head>
<body class="docs">
<a class="skip" href="#main">Skip to the text</a>
<header class="top">
<a class="brand" href="/"><img src="/page/icon.svg" alt="" width="28" height="28">facestamp</a>
<nav aria-label="Site"><a href="/">Try it</a><a href="/openapi.json">OpenAPI</a></nav>
</header>
<div class="columns">
<nav class="contents" aria-label="Contents">{contents}</nav>
<main id="main">
<h1>The API</h1>
{about}
<h2 id="begin">Begin</h2>
<p>Lines below can be pasted into a shell in which these two are set:</p>
{begin}
<h2 id="signing">Signing</h2>
{signing}
{operations}
<section aria-labelledby="problems"><h2 id="problems">Problems</h2>
<p>The <code>type</code> of a problem is an address on this page.</p>
{problems}</section>
<section aria-labelledby="schemas"><h2 id="schemas">Schemas</h2>{schemas}</section>
</main>
</div>
</body>
</html>
"""
_BEGIN = "FACESTAMP=https://…   # this deployment's address\nKEY=…                 # an API key"


def page(document: _Object) -> str:
    """The documents, as HTML."""
    return _PAGE.format(
        contents=_contents(document),
        about=_prose(document["info"]["description"]),
        begin=_shell(_BEGIN, "begin"),
        signing=_prose(inspect.cleandoc(signing.__doc__ or "")),
        operations="".join(_section(tag, document) for tag in document["tags"]),
        problems="".join(map(_problem, KINDS)),
        schemas="".join(_schema(name, schema) for name, schema in document["components"]["schemas"].items()),
    )


def curl(method: str, path: str, operation: _Object, document: _Object) -> str:
    """A line that asks for this operation, to be pasted where `$FACESTAMP` and `$KEY` are set."""
    shown = [each for each in operation["parameters"] if each.get("required")]
    for each in shown:
        path = path.replace(f"{{{each['name']}}}", str(_value(each)))
    query = urlencode([(each["name"], _value(each)) for each in shown if each["in"] == "query"])
    parts = ["curl", *(["-X", method.upper()] if method == "delete" else [])]
    parts.append(f'"$FACESTAMP{path}{"?" if query else ""}{query}"')
    if operation["security"]:
        parts.append('-H "Authorization: Bearer $KEY"')
    if "requestBody" in operation:
        body = operation["requestBody"]["content"]["application/json"]["example"]
        parts.append("--json '{}'".format(json.dumps(body, ensure_ascii=False).replace("'", "'\\''")))
    elif method == "post":
        parts.append("-X POST")
    return " ".join(parts)


def _value(parameter: _Object) -> Any:
    return parameter["example"] if "example" in parameter else example(parameter["schema"], {}, parameter["name"])


def _operations(document: _Object, tag: _Object) -> Iterator[tuple[str, str, _Object]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            if tag["name"] in operation["tags"]:
                yield path, method, operation


def _contents(document: _Object) -> str:
    lists = []
    for tag in document["tags"]:
        lines = (
            f'<li><a href="#{operation["operationId"]}">{escape(operation["summary"])}</a></li>'
            for _, _, operation in _operations(document, tag)
        )
        title = escape(tag["name"].capitalize())
        lists.append(f'<p><a href="#tag-{tag["name"]}">{title}</a></p><ul>{"".join(lines)}</ul>')
    return "".join(lists) + '<p><a href="#problems">Problems</a></p><p><a href="#schemas">Schemas</a></p>'


def _section(tag: _Object, document: _Object) -> str:
    name = f"tag-{tag['name']}"
    inside = "".join(_operation(*found, document) for found in _operations(document, tag))
    title = escape(tag["name"].capitalize())
    return (
        f'<section aria-labelledby="{name}"><h2 id="{name}">{title}</h2>{_prose(tag["description"])}{inside}</section>'
    )


def _operation(path: str, method: str, operation: _Object, document: _Object) -> str:
    name = operation["operationId"]
    known = document["components"]["parameters"]
    parameters = [
        known[each["$ref"].rpartition("/")[2]] if "$ref" in each else each for each in operation["parameters"]
    ]
    body = ""
    if "requestBody" in operation:
        reference = operation["requestBody"]["content"]["application/json"]["schema"]
        schema = document["components"]["schemas"][reference["$ref"].removeprefix(REF)]
        body = f"<h4>Body</h4>{_prose(schema.get('description', ''))}{_fields(schema) or _type(schema)}"
    return (
        f'<article id="{name}" class="card" aria-labelledby="{name}-title">'
        f'<h3 id="{name}-title">{escape(operation["summary"])}</h3>'
        f'<p class="address"><span class="method {method}">{method.upper()}</span> '
        f"<code>{escape(path).replace('/', '/<wbr>')}</code></p>"
        f"{_prose(operation['description'])}"
        f"{_shell(curl(method, path, operation, document), name)}"
        f"{'<h4>Parameters</h4>' + _table(map(_parameter, parameters)) if parameters else ''}{body}"
        f"<h4>Answers</h4>{_answers(operation['responses'])}</article>"
    )


def _parameter(parameter: _Object) -> tuple[str, str, str]:
    about = parameter.get("description", "")
    return _field(parameter["name"], parameter["schema"], parameter["required"], about, parameter["in"])


def _fields(schema: _Object) -> str:
    required = schema.get("required", ())
    fields = schema.get("properties", {}).items()
    return _table(_field(name, field, name in required, field.get("description", "")) for name, field in fields)


def _field(name: str, schema: _Object, required: bool, about: str, place: str = "") -> tuple[str, str, str]:
    notes = [place, "" if required else "optional", *_limits(schema)]
    more = f"<small>{', '.join(filter(None, notes))}</small>"
    return f"<code>{escape(name)}</code>", f"{_type(schema)} {more}", _prose(about)


def _table(rows: Iterable[tuple[str, str, str]]) -> str:
    inside = "".join(
        f'<tr><th scope="row">{name}</th><td>{kind}</td><td>{about}</td></tr>' for name, kind, about in rows
    )
    head = '<tr><th scope="col">Name</th><th scope="col">Type</th><th scope="col">What it is</th></tr>'
    return f'<div class="wide"><table><thead>{head}</thead><tbody>{inside}</tbody></table></div>' if inside else ""


def _type(schema: _Object) -> str:
    if "$ref" in schema:
        name = str(schema["$ref"]).removeprefix(REF)
        return f'<a href="#schema-{escape(name)}">{escape(name)}</a>'
    if "type" not in schema and ("anyOf" in schema or "oneOf" in schema):
        return " or ".join(map(_type, schema.get("anyOf") or schema["oneOf"]))
    if "enum" in schema or "const" in schema:
        return " | ".join(f"<code>{escape(str(each))}</code>" for each in schema.get("enum", [schema.get("const")]))
    if schema.get("type") == "array" and "items" in schema:
        return f"list of {_type(schema['items'])}"
    return escape(str(schema.get("type", "anything")))


def _limits(schema: _Object) -> Iterator[str]:
    for name, words in (
        ("minimum", "at least {}"),
        ("maximum", "at most {}"),
        ("minLength", "{} characters or more"),
        ("maxLength", "at most {} characters"),
        ("minItems", "{} or more"),
        ("maxItems", "at most {}"),
    ):
        if name in schema:
            yield words.format(f"{schema[name]:,}")
    if "pattern" in schema:
        yield f"as in <code>{escape(schema['pattern'])}</code>"
    if schema.get("default") is not None and schema["default"] != "":
        yield f"by default <code>{escape(json.dumps(schema['default']))}</code>"


def _answers(responses: _Object) -> str:
    lines = []
    for status, response in responses.items():
        kinds = [kind for kind in KINDS if "$ref" in response and str(kind.status) == status]
        if kinds:
            about = " ".join(f'<a href="#{kind.slug}">{kind.slug}</a>' for kind in kinds)
        else:
            media_type, content = next(iter(response["content"].items()))
            kind = _type(content["schema"]) if "$ref" in content["schema"] else f"<code>{escape(media_type)}</code>"
            about = f"{kind} {_inline(response['description'])}"
        lines.append(f"<div><dt>{status}</dt><dd>{about}</dd></div>")
    return f'<dl class="answers">{"".join(lines)}</dl>'


def _problem(kind: Kind) -> str:
    again = (
        f"The same request can do better after {kind.wait} s." if kind.retry else "The same request will fail again."
    )
    return (
        f'<article id="{kind.slug}" class="card problem" aria-labelledby="{kind.slug}-title">'
        f'<h3 id="{kind.slug}-title"><code>{kind.slug}</code> <span class="method">{kind.status}</span></h3>'
        f"<p>{escape(kind.title)}. {again}</p></article>"
    )


def _schema(name: str, schema: _Object) -> str:
    inside = _fields(schema) or f"<p>{_type(schema)}</p>"
    about = _prose(schema.get("description", ""))
    return f'<article id="schema-{escape(name)}" class="card"><h3>{escape(name)}</h3>{about}{inside}</article>'


def _shell(line: str, name: str) -> str:
    return f'<pre tabindex="0" aria-label="Shell"><code id="{name}-curl">{escape(line)}</code></pre>'


def _prose(text: str) -> str:
    """Paragraphs; what is indented is code."""
    parts = (part for part in text.split("\n\n") if part)
    return "".join(
        f'<pre tabindex="0"><code>{escape(inspect.cleandoc(part))}</code></pre>'
        if part.startswith("    ")
        else f"<p>{_inline(part)}</p>"
        for part in parts
    )


def _inline(text: str) -> str:
    return re.sub("`([^`]+)`", r"<code>\1</code>", escape(text))
