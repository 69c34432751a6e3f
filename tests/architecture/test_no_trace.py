"""What a person may not see leaves no trace: every page is the same, to the byte, in a world where it is otherwise.

The same links are followed twice: in the demonstration, then in a copy where the secret is another one (a file that
never was, other marks, other bank details). No list, counter, sort, search, export or refusal may tell them apart.
"""

from __future__ import annotations

import html
import io
import re
import zipfile
from collections import deque
from collections.abc import Iterator

import pytest
from werkzeug.exceptions import HTTPException
from werkzeug.routing import MapAdapter
from werkzeug.test import TestResponse

from aap.applications.models import Application
from aap.db import db
from tests.architecture.secret_samples import PEOPLE, SECRETS, WATCHERS, file_in
from tests.architecture.world import Client, World
from tests.living import Living

DOORS = ("/", "/compte", "/dossiers", "/projets", "/jury", "/agence", "/administration", "/fiches")
LINK = re.compile(r'(?:href|action)="([^"#]+)')
TOKENS = re.compile(r'(nonce="|name="csrf_token"[^>]*value="|name="key"[^>]*value="|"X-CSRFToken": ?")[^"]*')
MOST = 60  # addresses of one person
VARIANTS = 6  # of one page: its sorts, its filters, its searches


def walk(living: Living, client: Client, words: tuple[str, ...]) -> dict[str, str]:
    """Follow every link from the doors, its queries included; search for ``words`` wherever a page searches.

    Returns what each address answered, in the order of the visit.
    """
    adapter = living.app.url_map.bind("localhost")
    waiting, seen, variants = deque(DOORS), set(DOORS), dict[str, int]()
    answers: dict[str, str] = {}
    while waiting:
        path = waiting.popleft()
        response = client.open(path)
        text = answers[path] = told(response)
        links = [response.location] if response.location else []
        if response.mimetype == "text/html" and response.status_code == 200:
            links += [html.unescape(link) for link in LINK.findall(text)]
            links += [f"{path}?q={word}" for word in words if 'name="q"' in text and "?" not in path]
        for link in links:
            found = link.removeprefix("http://localhost")
            page = found.partition("?")[0]
            if len(seen) >= MOST or found in seen or not answered(adapter, page):
                continue
            if "?" in found:
                variants[page] = variants.get(page, 0) + 1
                if variants[page] > VARIANTS:
                    continue
            seen.add(found)
            waiting.append(found)
    return answers


def answered(adapter: MapAdapter, page: str) -> bool:
    """Tell whether an address is one of ours that answers a GET."""
    if not page.startswith("/") or page.startswith("/static/"):
        return False
    try:
        adapter.match(page, method="GET")
    except HTTPException:
        return False
    return True


def told(response: TestResponse) -> str:
    """Return everything an answer tells, its tokens aside."""
    head = f"{response.status_code} {response.mimetype} {response.location or ''}"
    name = response.headers.get("Content-Disposition", "")
    return f"{head} {name}\n{''.join(_body(response))}"


def _body(response: TestResponse) -> Iterator[str]:
    data = response.get_data()
    if data[:4] == b"PK\x03\x04":
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for entry in archive.namelist():
                yield f"{entry}\n"
                yield "" if entry.startswith(("meta", "docProps")) else archive.read(entry).decode(errors="replace")
    elif data[:4] == b"%PDF":
        yield str(len(data))  # made once by the worker, and kept
    else:
        text = data.decode(errors="replace")
        yield re.sub(r"DTSTAMP:\S+", "", TOKENS.sub(r"\1", text))


@pytest.mark.parametrize(("secret", "watcher"), [(s, w) for s, people in WATCHERS.items() for w in people])
def test_what_may_not_be_seen_leaves_no_trace(living: Living, world: World, secret: str, watcher: str) -> None:
    told = SECRETS[secret]
    with living.app.app_context():
        session = db.session()
        file = file_in(session, told.state)
        told.first(session, file)
        person = PEOPLE[watcher](session, file)
        session.commit()
        named, token = file.id, person.fs_uniquifier
        words = tuple(filter(None, (file.reference, *file.applicant_name.split()[:1])))
    client = Client(living, world.session_of(token), world.form_token())
    before = walk(living, client, words)
    with living.app.app_context():
        session = db.session()
        told.otherwise(session, session.get_one(Application, named))
        session.commit()
    after = walk(living, client, words)
    assert len(before) > len(DOORS), "this person meets nothing: the test proves nothing"
    assert list(before) == list(after), "the addresses themselves tell"
    faults = list(filter(None, (difference(path, text, after[path]) for path, text in before.items())))
    assert not faults, f"{len(faults)} of {len(before)} pages tell\n" + "\n\n".join(faults[:12])


def difference(path: str, before: str, after: str) -> str:
    """Return the first lines that differ, or nothing."""
    if before == after:
        return ""
    pairs = zip(before.splitlines(), after.splitlines(), strict=False)
    lines = [f"  - {one.strip()[:300]}\n  + {other.strip()[:300]}" for one, other in pairs if one != other]
    return "\n".join((path, *(lines[:3] or ["  one is longer"])))
