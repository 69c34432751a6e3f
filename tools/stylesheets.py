"""Cut the design system's style sheets down to what this checkout shows.

Pure functions on text. The sheets are minified and flat: a rule is a selector and a body without braces, possibly
inside one level of ``@media``.
"""

from __future__ import annotations

import re
from collections.abc import Set as AbstractSet

_RULE = re.compile(r"(?P<selector>[^{}]*)\{(?P<body>[^{}]*)\}")
_HEADING = re.compile(r"^\s*(?:@charset[^;]*;\s*)?(?:/\*.*?\*/)?", re.DOTALL)
_CLASS = re.compile(r"\.(-?[a-zA-Z_][\w-]*)")
_TOKEN = re.compile(r"[A-Za-z][\w-]*")
_PAIR = re.compile(r"([\w-]+/[\w-]+)(?:\.svg)?(?![\w/-])")
_URL = re.compile(r"url\(\s*[\"']?(?!data:|#)([^\"')]+)")
_REMARK = re.compile(r"\s*/\*! media \w+ \*/")
_MARKS = re.compile(
    r"^\s*(?:/\*.*?\*/)?\s*(?::root\[[^\]]*\] )?\.fr-(?:logo|connect)(?::before|:after)?\s*$", re.DOTALL
)


def tokens(text: str) -> frozenset[str]:
    """Return every word that could be a class or an icon's name, and the last two parts of every path."""
    return frozenset(_TOKEN.findall(text)) | frozenset(_PAIR.findall(text))


def used_only(sheet: str, words: AbstractSet[str]) -> str:
    """Keep the rules with a class among ``words``, where ``warning-line`` stands for ``fr-icon-warning-line``."""

    def keep(rule: re.Match[str]) -> str:
        heading, selector = _split_heading(rule["selector"])
        names = _CLASS.findall(selector)
        if not names or any(name in words or _icon(name) in words for name in names):
            return rule[0]
        return heading

    return _RULE.sub(keep, _REMARK.sub("", sheet))


def without_state_marks(sheet: str) -> str:
    """Remove the Marianne font, the block-marque and FranceConnect's logo: only entitled services may show them."""

    def keep(rule: re.Match[str]) -> str:
        heading, selector = _split_heading(rule["selector"])
        body = rule["body"]
        if selector.strip() == "@font-face" and "Marianne" in body:
            return heading
        if "data:image" in body and any(_MARKS.match(part) for part in selector.split(",")):
            return heading
        return rule[0]

    return _RULE.sub(keep, sheet)


def references(sheet: str) -> frozenset[str]:
    """Return the relative addresses of the files a sheet asks for."""
    return frozenset(address.split("#")[0].split("?")[0] for address in _URL.findall(sheet))


def _icon(name: str) -> str:
    """Return the short name of an icon's class; an empty string for another class or a name of one word."""
    short = name.removeprefix("fr-icon-")
    return short if short != name and "-" in short else ""


def _split_heading(selector: str) -> tuple[str, str]:
    """Separate the licence comment and charset at the head of a sheet from the first selector."""
    match = _HEADING.match(selector)
    cut = match.end() if match else 0
    return selector[:cut], selector[cut:]
