"""Candidate conflicts of interests, between organisations: proposed to a person, never decided by the service.

A member is linked to organisations by memberships, declared links and mail domain; a file to its applicant, partners
and co-funders. Comparison is on SIREN, FINESS, mail domain, and names without case, accents, punctuation nor articles.
"""

from __future__ import annotations

import re
import unicodedata
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from aap.jury.models import ConflictKind

# Domains that thousands of unrelated people share say nothing of an organisation.
SHARED_DOMAINS = frozenset(
    {
        "aol.com",
        "bbox.fr",
        "demo.invalid",  # everyone's in the demonstration
        "free.fr",
        "gmail.com",
        "gmx.fr",
        "hotmail.com",
        "hotmail.fr",
        "icloud.com",
        "laposte.net",
        "live.fr",
        "neuf.fr",
        "numericable.fr",
        "orange.fr",
        "outlook.com",
        "outlook.fr",
        "pm.me",
        "proton.me",
        "protonmail.com",
        "sfr.fr",
        "wanadoo.fr",
        "yahoo.com",
        "yahoo.fr",
    }
)
_SMALL_WORDS = frozenset({"a", "au", "aux", "d", "de", "des", "du", "et", "l", "la", "le", "les", "en"})


@dataclass(frozen=True, slots=True)
class Party:
    """An organisation as far as it is known."""

    name: str
    organisation_id: uuid.UUID | None = None
    siren: str | None = None
    finess: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class MemberTies:
    """A member's organisations and mail domain."""

    member_id: uuid.UUID
    domain: str
    parties: tuple[Party, ...]


@dataclass(frozen=True, slots=True)
class FileTies:
    """A file's applicant, mail domains, partners and co-funders."""

    application_id: uuid.UUID
    applicant: Party
    domains: frozenset[str]
    partners: tuple[str, ...]
    cofunders: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Conflict:
    """A candidate: the kind of link and what both sides share."""

    member_id: uuid.UUID
    application_id: uuid.UUID
    kind: ConflictKind
    shared: str


def plain_name(name: str) -> str:
    """Return the words of a name without case, accents, punctuation, articles, nor what stands in brackets."""
    decomposed = unicodedata.normalize("NFKD", re.sub(r"\([^)]*\)|[’‘]", " ", name))
    bare = decomposed.encode("ascii", "ignore").decode().lower()
    return " ".join(word for word in re.findall(r"[a-z0-9]+", bare) if word not in _SMALL_WORDS)


def mail_domain(address: str) -> str:
    """Return the domain of an address, or an empty text when many unrelated people share it."""
    domain = address.rpartition("@")[2].strip().lower()
    return "" if domain in SHARED_DOMAINS else domain


def find_conflicts(members: Iterable[MemberTies], files: Iterable[FileTies]) -> tuple[Conflict, ...]:
    """Compare every member with every file; each kind of link at most once per pair."""
    known = tuple(files)
    found: dict[tuple[uuid.UUID, uuid.UUID, ConflictKind], Conflict] = {}
    for member in members:
        for file in known:
            for kind, shared in _links(member, file):
                key = (member.member_id, file.application_id, kind)
                found.setdefault(key, Conflict(*key, shared))
    return tuple(found.values())


def _links(member: MemberTies, file: FileTies) -> Iterator[tuple[ConflictKind, str]]:
    for party in member.parties:
        yield from _party_links(party, file)
    if member.domain and member.domain in file.domains:
        yield ConflictKind.MAIL_DOMAIN, member.domain


def _party_links(party: Party, file: FileTies) -> Iterator[tuple[ConflictKind, str]]:
    applicant, name = file.applicant, plain_name(party.name)
    same = party.organisation_id is not None and party.organisation_id == applicant.organisation_id
    if same or (name and name == plain_name(applicant.name)):
        yield ConflictKind.ORGANISATION, party.name
    if party.siren and party.siren == applicant.siren:
        yield ConflictKind.SIREN, party.siren
    for number in sorted(party.finess & applicant.finess):
        yield ConflictKind.FINESS, number
    if name and name in map(plain_name, file.partners):
        yield ConflictKind.PARTNER, party.name
    if name and name in map(plain_name, file.cofunders):
        yield ConflictKind.COFUNDER, party.name
