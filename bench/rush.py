"""The deadline rush: everybody autosaves, then joins a piece and deposits within the last minute. ``--rush``.

Real gunicorn with two workers, real PostgreSQL and Valkey, one process of clients beside them on the same machine. One
person in three clicks twice, one in ten loses the connection after sending and tries again. Refused after the closing
is right; anything lost, anything doubled, any 5xx makes the command exit with 1.
"""

from __future__ import annotations

import argparse
import contextlib
import http.client
import json
import random
import re
import statistics
import threading
import time
import uuid
from collections import Counter
from dataclasses import dataclass, field
from urllib.parse import urlencode

from sqlalchemy import func, select

from aap import outbox
from aap.applications.models import Application, Submission
from aap.db import db
from aap.demonstration.pieces import write_pdf
from aap.forms.models import Answer
from aap.jobs.delivery import HANDLERS
from bench.rush_stage import HOST, Leader, RushStage, rush_staged, served

FIELD, SECTION, ANNEX = "abstract", "S2", "A12"
P95_LIMIT = 1.0
LATE = 5
_BOUNDARY = "bord-du-formulaire"


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer of the service: its status, where it leads, its text."""

    status: int
    location: str
    text: str


@dataclass(slots=True)
class Tally:
    """What happened, by kind of request: seconds, statuses, and what each person was told."""

    seconds: dict[str, list[float]] = field(default_factory=dict)
    statuses: dict[str, Counter[int]] = field(default_factory=dict)
    texts: dict[uuid.UUID, str] = field(default_factory=dict)
    accepted: dict[uuid.UUID, set[str]] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, kind: str, seconds: float, status: int) -> None:
        """Write down one answer."""
        with self.lock:
            self.seconds.setdefault(kind, []).append(seconds)
            self.statuses.setdefault(kind, Counter())[status] += 1


def _words(page: str) -> str:
    """Return what a page of error says."""
    return " ".join(re.sub(r"<[^>]+>", " ", page[page.find("<main") :]).split())[:300]


@dataclass(slots=True)
class Person:
    """One project leader: a browser with its connection, and a draft."""

    leader: Leader
    port: int
    tally: Tally
    rng: random.Random
    seen: int = 1

    @property
    def path(self) -> str:
        """The address of the draft."""
        return f"/dossiers/{self.leader.application_id}"

    def ask(self, kind: str, path: str, body: bytes | None = None, media: str = "") -> Answered:
        """Send one request and wait for its answer."""
        headers = {"Cookie": self.leader.cookie, **({"Content-Type": media} if media else {})}
        before = time.perf_counter()
        with contextlib.closing(http.client.HTTPConnection(HOST, self.port, timeout=120)) as connection:
            connection.request("GET" if body is None else "POST", path, body, headers)
            answer = connection.getresponse()
            text = answer.read().decode("utf-8", "replace")
        self.tally.note(kind, time.perf_counter() - before, answer.status)
        return Answered(answer.status, answer.headers.get("Location", ""), text)

    def form(self, kind: str, path: str, fields: dict[str, str]) -> Answered:
        """Send a form."""
        body = urlencode({"csrf_token": self.leader.token, **fields}).encode()
        return self.ask(kind, path, body, "application/x-www-form-urlencoded")

    def autosave(self, number: int) -> None:
        """Type in one field; the text must be there at the end, whatever else happens."""
        text = f"Résumé saisi {number} fois par {self.leader.application_id}."
        sent = {"only": FIELD, "seen": f"{FIELD}={self.seen}", FIELD: text}
        answer = self.form("enregistrement automatique", f"{self.path}/rubriques/{SECTION}/brouillon", sent)
        if answer.status != 200:
            with self.tally.lock:
                self.tally.faults.append(f"enregistrement refusé : {_words(answer.text)}")
        if answer.status == 200:
            self.seen = json.loads(answer.text)["versions"][FIELD]
            with self.tally.lock:
                self.tally.texts[self.leader.application_id] = text

    def join(self) -> None:
        """Join one more piece, of some 200 kB."""
        content = write_pdf("Projet de santé") + b"\n%" + self.rng.randbytes(200_000).hex().encode()[:200_000]
        parts = [("csrf_token", self.leader.token), ("subject", "")]
        head = "".join(
            f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
            for name, value in parts
        )
        head += f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="projet.pdf"\r\n\r\n'
        body = head.encode() + content + f"\r\n--{_BOUNDARY}--\r\n".encode()
        self.ask("pièce jointe", f"{self.path}/pieces/{ANNEX}", body, f"multipart/form-data; boundary={_BOUNDARY}")

    def deposit(self) -> None:
        """Check, deposit (twice for the hurried, again for those whose line was cut), and read the receipt."""
        page = self.ask("page de vérification", f"{self.path}/verification")
        found = re.search(r'name="key" value="([^"]+)"', page.text)
        fields = {"key": found.group(1) if found else "", "honour": "y"}
        chance = self.rng.random()
        if chance < 0.1:
            self._cut(fields)
        answers = [self.form("dépôt", f"{self.path}/verification", fields)]
        if chance > 0.67:
            twice = threading.Thread(
                target=lambda: answers.append(self.form("dépôt", f"{self.path}/verification", fields))
            )
            twice.start()
            answers.append(self.form("dépôt", f"{self.path}/verification", fields))
            twice.join()
        if any(answer.status == 303 for answer in answers):
            receipt = self.ask("récépissé", f"{self.path}/recepisse")
            references = set(re.findall(r"AAP-TS-2023-01-\d{4}", receipt.text))
            with self.tally.lock:
                self.tally.accepted[self.leader.application_id] = references

    def _cut(self, fields: dict[str, str]) -> None:
        """Send the deposit and hang up before its answer."""
        body = urlencode({"csrf_token": self.leader.token, **fields}).encode()
        headers = {"Cookie": self.leader.cookie, "Content-Type": "application/x-www-form-urlencoded"}
        with contextlib.closing(http.client.HTTPConnection(HOST, self.port, timeout=120)) as connection:
            connection.request("POST", f"{self.path}/verification", body, headers)


def report(options: argparse.Namespace) -> bool:
    """Play the rush, print what happened, and tell whether everything held."""
    with rush_staged(options.drafts) as stage:
        whole = options.rush_seconds + options.autosave_seconds + options.warm_seconds
        with served(stage, seconds=whole, workers=options.workers, threads=options.threads):
            tally = _play(stage, options)
        with stage.app.app_context():
            _check(stage, tally)
            _deliver(stage, tally)
    return _print(stage, tally, options)


def _play(stage: RushStage, options: argparse.Namespace) -> Tally:
    tally = Tally()
    people = [
        Person(leader, stage.port, tally, random.Random(number))  # a rush that can be played again
        for number, leader in enumerate(stage.leaders)
    ]
    for person in people[: 4 * options.workers]:  # a server is warm when the last hour comes
        Person(person.leader, stage.port, Tally(), person.rng).ask("", f"{person.path}/verification")
    closes, opens = stage.closes, stage.closes - options.rush_seconds
    late = people[:LATE] if len(people) > 2 * LATE else []

    def live(person: Person) -> None:
        try:
            for number in range(options.autosaves):
                _sleep_until(time.time() + person.rng.random() * options.autosave_seconds / options.autosaves)
                person.autosave(number + 1)
            if person in late:
                _sleep_until(closes + 0.2)
            else:
                _sleep_until(opens + person.rng.random() * options.rush_seconds * 0.9)
                person.join()
            person.deposit()
        except (OSError, http.client.HTTPException, ValueError) as error:
            with tally.lock:
                tally.faults.append(f"{type(error).__name__} : {error}")

    threads = [threading.Thread(target=live, args=(person,)) for person in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for person in late:
        if person.leader.application_id in tally.accepted:
            tally.faults.append("un dépôt a été admis après la clôture")
    return tally


def _sleep_until(instant: float) -> None:
    time.sleep(max(0.0, instant - time.time()))


def _check(stage: RushStage, tally: Tally) -> None:
    """Compare what people were told with what the database holds."""
    deposits = dict(
        db.session.execute(select(Submission.application_id, func.count()).group_by(Submission.application_id)).all()
    )
    rows = db.session.execute(select(Application.id, Application.reference, Application.sheet_id)).all()
    references = Counter(reference for _, reference, _ in rows if reference)
    tally.faults += [f"{reference} donnée {count} fois" for reference, count in references.items() if count > 1]
    tally.faults += [f"{count} dépôts pour un dossier" for count in deposits.values() if count != 1]
    known = {identifier: (reference, sheet) for identifier, reference, sheet in rows}
    for leader in stage.leaders:
        reference, sheet = known[leader.application_id]
        told = tally.accepted.get(leader.application_id)
        if told is not None and told != {reference}:
            tally.faults.append(f"le récépissé dit {told}, la base {reference}")
        if told is None and leader.application_id in deposits:
            tally.faults.append("un dépôt enregistré n'a pas été dit à son porteur")
        text = tally.texts.get(leader.application_id)
        kept = db.session.scalar(select(Answer.value).where(Answer.sheet_id == sheet, Answer.field_key == FIELD))
        if text is not None and kept != text:
            tally.faults.append(f"réponse perdue : {kept!r} au lieu de {text!r}")


def _deliver(stage: RushStage, tally: Tally) -> None:
    """Deliver what was promised; every accepted deposit must have its receipt as a document."""
    now = stage.app.extensions["aap"].clock.now().replace(year=2024)
    before = time.perf_counter()
    count = 0
    while done := outbox.deliver_all(HANDLERS, now):
        count += done
    spent = time.perf_counter() - before
    lacking = db.session.scalar(select(func.count()).where(Submission.receipt_file_id.is_(None)))
    if lacking:
        tally.faults.append(f"{lacking} dépôts sans récépissé PDF")
    print(f"{count} promesses tenues ensuite en {spent:.1f} s (récépissés PDF et courriels)")


def _print(stage: RushStage, tally: Tally, options: argparse.Namespace) -> bool:
    drafts, span = len(stage.leaders), options.rush_seconds
    print(f"\nRuée de la clôture : {drafts} brouillons, dépôts dans les {span:.0f} dernières secondes, ", end="")
    print(f"gunicorn {options.workers} × {options.threads}, clients sur la même machine")
    print(f"{'':<32}{'nombre':>8}{'médiane':>10}{'p95':>8}{'max':>8}  réponses")
    slow = False
    for kind, times in tally.seconds.items():
        ordered = sorted(times)
        p95 = ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))]
        slow = slow or p95 > P95_LIMIT
        codes = ", ".join(f"{status} × {count}" for status, count in sorted(tally.statuses[kind].items()))
        mark = "" if p95 <= P95_LIMIT else "  DÉPASSÉE"
        print(
            f"{kind:<32}{len(times):>8}{statistics.median(times):>9.3f}s{p95:>7.2f}s{ordered[-1]:>7.2f}s  {codes}{mark}"
        )
    errors = sum(count for each in tally.statuses.values() for status, count in each.items() if status >= 500)
    print(f"{len(tally.accepted)} dossiers déposés, {drafts - len(tally.accepted)} non déposés, {errors} erreurs 5xx")
    for fault, count in Counter(tally.faults).most_common(10):
        print(f"  FAUTE × {count} : {fault}")
    return not slow and not errors and not tally.faults
