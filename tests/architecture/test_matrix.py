"""Who opens what: every address, by every role, before things in several states, over HTTP.

The outcome of each request is compared with ``matrix.txt``, which people read, and with the policy of the endpoint:
a page answers if and only if its thing is loaded and ``may`` says yes. No answer is a 500, no GET writes.
"""

from __future__ import annotations

import os
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from flask import session, url_for
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from aap.accounts.models import User
from aap.assembly.protections import UNGUARDED
from aap.blueprints.access import Policy
from aap.errors import NotFoundError, UnauthenticatedError
from aap.policies import may
from tests.architecture.golden import GOLDEN, Line, read_column, write_column
from tests.architecture.sample import Sample
from tests.architecture.statements import listening
from tests.architecture.world import OUTSIDERS, ROLES, World
from tests.client import check_html
from tests.living import Living

WRITING = os.environ.get("AAP_MATRIX") == "write"
SAFE, UNSAFE = "GET", "POST"
ANSWERED = frozenset({200, 302, 303, 400, 409, 413, 422})
# Pages whose own check is stricter than their policy, and why.
_MADE_LATER = "the worker makes the document"
_LINK = "the secret of the link opens the page, to the person it was sent to"
_NAMED_ELSEWHERE = "the row is named in the form or in the query, and none is given here"
_NOTHING_YET = "what it tells has not happened to this file or this call"
STRICTER = {
    "account_tasks.feed": _LINK,
    "applicant_copies.report": _NOTHING_YET,
    "applicant_deposit.ask_whole": "a draft has no deposit",
    "applicant_deposit.differences": _NOTHING_YET,
    "applicant_deposit.whole": "a draft has no deposit",
    "applicant_deposit.whole_file": _MADE_LATER,
    "applicant_hearing.calendar": _NOTHING_YET,
    "applicant_history.restore": _NAMED_ELSEWHERE,
    "juror_bundles.take": _MADE_LATER,
    "juror_files.whole_file": _MADE_LATER,
    "juror_regrading.answer": "the grid of no call of the demonstration was revised",
    "juror_regrading.show": "the grid of no call of the demonstration was revised",
    "office_applications.differences": _NOTHING_YET,
    "office_applications.whole_file": _MADE_LATER,
    "office_extension.add_reviewer": "a draft is before no jury",
    "office_jury.call_in_now": _NAMED_ELSEWHERE,
    "office_minutes.pdf": _MADE_LATER,
    "applicant_award.letter_pdf": _MADE_LATER,
    "applicant_deposit.receipt": "a draft has no deposit",
    "applicant_deposit.receipt_pdf": _MADE_LATER,
    "applicant_projects.drop_note": _NAMED_ELSEWHERE,
    "commitments.show": _LINK,
    "commitments.sign": _LINK,
    "invitations.accept": _LINK,
    "invitations.change_account": _LINK,
    "invitations.decline": "only an invitation to a jury is declined; the others expire",
    "invitations.register": _LINK,
    "invitations.show": _LINK,
    "office_applications.receipt": _MADE_LATER,
    "office_contracts.annex": _MADE_LATER,
    "office_corrections.correct": "only a published answer is corrected",
    "office_corrections.correction": "only a published answer is corrected",
    "office_deferred_proposals.adopt": _NOTHING_YET,
    "office_deferred_proposals.discard": _NOTHING_YET,
    "office_decisions.letter": _MADE_LATER,
    "office_jury.settle": _NAMED_ELSEWHERE,
    "office_opinions.give": _NAMED_ELSEWHERE,
    "office_scenario_tables.proposal": "the simulator opens when scoring is closed",
    "office_snapshots.as_json": "what is sealed whole cannot be told without the files that are closed to this person",
    "public_calls.results": "results come with the first notification",
}
_checked: set[str] = set()


@dataclass(frozen=True, slots=True)
class Request:
    """One line of the matrix, with what it takes to ask it."""

    rule: Rule
    method: str
    sample: Sample

    @property
    def line(self) -> Line:
        return Line(self.rule.endpoint, self.method, self.sample.label)


def requests(world: World) -> list[Request]:
    found = []
    for rule in sorted(world.app.url_map.iter_rules(), key=lambda rule: (rule.endpoint, rule.rule)):
        if rule.endpoint in UNGUARDED:
            continue
        samples = world.samples_of(set(rule.arguments))
        assert samples, f"no sample for the parameters of {rule.rule}"
        methods = [method for method in (SAFE, UNSAFE) if method in (rule.methods or ())]
        found += [Request(rule, method, sample) for method in methods for sample in samples]
    return found


def values_of(request: Request) -> dict[str, Any]:
    return {name: request.sample.values[name] for name in request.rule.arguments}


def outcome(response: TestResponse) -> str:
    """Say what the person got: ``ok`` is a page, a redirection, or a form refused for what it holds."""
    status = response.status_code
    if status == 401 or (status == 302 and "/connexion" in response.headers.get("Location", "")):
        return "login"
    if status in ANSWERED:
        return "ok"
    return str(status)


def ask_policies(world: World, name: str, asked: list[Request]) -> dict[Line, bool]:
    """Say what the policies answer to a person, in one context: rows are loaded once."""
    known: dict[tuple[Any, ...], bool] = {}
    answers = {}
    with world.app.test_request_context():
        if name:
            session.update(_user_id=world.people[name][1], _fresh=True)
        person = world.actor(name)
        for request in asked:
            policy = getattr(world.app.view_functions[request.rule.endpoint], "policy", None)
            assert isinstance(policy, Policy)
            key = (policy.verb, policy.public, policy.load, frozenset(values_of(request).items()))
            if key not in known:
                known[key] = _ask(policy, person, values_of(request))
            answers[request.line] = known[key]
    return answers


def _ask(policy: Policy, person: User | None, values: dict[str, Any]) -> bool:
    if person is None and not policy.public:
        return False
    if policy.load is None:
        return may(person, policy.verb)
    try:
        thing = policy.load(**values)
    except (NotFoundError, UnauthenticatedError):
        return False
    return may(person, policy.verb, thing)


@pytest.mark.parametrize("role", ROLES)
def test_column(living: Living, world: World, role: str, caplog: pytest.LogCaptureFixture) -> None:
    everything = requests(world)
    asked = [request for request in everything if role not in OUTSIDERS or request.sample.tells_outsiders]
    by_person: dict[str, list[Request]] = {}
    for request in asked:
        by_person.setdefault(world.who(role, request.sample), []).append(request)
    found: dict[Line, str] = {}
    faults: list[str] = []
    for name, group in by_person.items():
        with living.forgetting():
            answers = ask_policies(world, name, group)
        with world.app.test_request_context():
            addresses = [url_for(request.rule.endpoint, **values_of(request)) for request in group]
        for request, address in zip(group, addresses, strict=True):
            caplog.clear()
            with listening(living.connection) as heard:
                response = world.client(living, name).open(address, request.method)
            got = found[request.line] = outcome(response)
            faults += [f"{request.line}: {fault}" for fault in _faults(request, response, heard.writes, caplog)]
            agreed = answers[request.line]
            if (got == "ok") is not agreed and not (agreed and request.rule.endpoint in STRICTER):
                faults.append(f"{request.line}: answers {got}, the policy says {agreed}")
    if WRITING:
        write_column(role, found, [request.line for request in everything])
    golden = read_column(role)
    faults += [
        f"{line}: {found.get(line, 'gone')}, {golden.get(line, 'nothing')} in {GOLDEN.name}"
        for line in {**golden, **found}
        if found.get(line) != golden.get(line)
    ]
    assert not faults, f"{len(faults)} faults\n" + "\n".join(faults)


def _faults(request: Request, response: TestResponse, writes: list[str], caplog: pytest.LogCaptureFixture) -> list[str]:
    faults = []
    if response.status_code >= 500 or response.status_code in {405, 429}:
        causes = [str(record.exc_info[1]) for record in caplog.records if record.exc_info]
        faults.append(f"{response.status_code} {' '.join(causes)[:600]}")
    if request.method == SAFE and writes:
        faults.append(f"a GET wrote {writes[:3]}")
    if b"cette page est rest" in response.data.lower():
        faults.append("the token of the form was refused")
    page = f"{request.rule.endpoint} {request.method}"
    if response.status_code == 200 and response.mimetype == "text/html" and page not in _checked:
        _checked.add(page)
        try:
            check_html(response.get_data(as_text=True), response.request.path)
        except AssertionError as error:
            faults.append(str(error))
    return faults


def test_an_unknown_thing_is_not_found(living: Living, world: World) -> None:
    """Nobody learns more from an identifier that exists than from one that does not."""
    client = world.client(living, ROLES["officer"])
    for rule in living.app.url_map.iter_rules():
        names = [name for name in rule.arguments if name.endswith("_id")]
        if rule.endpoint in UNGUARDED or not names:
            continue
        sample = world.samples_of(set(rule.arguments))[0]
        with living.app.test_request_context():
            values = {name: sample.values[name] for name in rule.arguments}
            path = url_for(rule.endpoint, **{**values, **{name: uuid.uuid4() for name in names}})
        method = SAFE if SAFE in (rule.methods or ()) else UNSAFE
        assert client.open(path, method).status_code == 404, path


def test_the_table_holds_every_role() -> None:
    header = next(line for line in GOLDEN.read_text(encoding="utf-8").splitlines() if line and line[0] != "#")
    assert len(header.split()) == len(ROLES) + 1


def test_files_are_beside_this_test() -> None:
    assert Path(__file__).parent == GOLDEN.parent
