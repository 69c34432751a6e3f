"""The policy of each view, carried as an attribute, and what every view repeats.

``@allow("application.read", load=get_application)`` loads the thing, asks ``aap.policies`` and hands the thing to the
view. A person who may not even read the thing is told that it does not exist.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, TypeVar, cast

from flask import url_for
from flask.typing import ResponseReturnValue
from flask_security import current_user
from werkzeug.utils import redirect

from aap.accounts.models import User
from aap.errors import ForbiddenError, InvalidError, NotFoundError, UnauthenticatedError
from aap.policies import VERBS, may

View = Callable[..., ResponseReturnValue]
ViewT = TypeVar("ViewT", bound=View)


@dataclass(frozen=True, slots=True)
class Policy:
    """What a view asks: its verb, whether nobody signed in may come, and how it loads the thing it is about."""

    verb: str
    public: bool = False
    load: Callable[..., Any] | None = None


def actor() -> User | None:
    """Return the signed-in person, or None."""
    person: Any = current_user
    return cast("User", person._get_current_object()) if person.is_authenticated else None  # noqa: SLF001  # werkzeug's documented way out of a proxy


def signed_in_actor() -> User:
    """Return the signed-in person.

    Raises:
        UnauthenticatedError: nobody is signed in.

    """
    person = actor()
    if person is None:
        message = "Connectez-vous pour continuer."
        raise UnauthenticatedError(message)
    return person


def public(view: ViewT) -> ViewT:
    """Open a view to everyone. The list of public endpoints is short and a test holds it."""
    view.policy = Policy("site.visit", public=True)  # type: ignore[attr-defined]  # an attribute on a function
    return view


def allow(verb: str, *, load: Callable[..., Any] | None = None, anonymous: bool = False) -> Callable[[View], View]:
    """Ask the policy ``verb`` before the view, about the thing that ``load(**address)`` returns.

    The loader takes the arguments of the address; the view receives the thing in their place. ``anonymous`` lets
    nobody-signed-in through to the policy (published things).

    Raises (at request time):
        UnauthenticatedError: nobody is signed in and somebody must be.
        NotFoundError: no such thing, or the person may not read it.
        ForbiddenError: the person reads the thing but may not do this.

    """
    if verb not in VERBS:
        message = f"no policy declares the verb {verb!r}"
        raise LookupError(message)

    def decorate(view: View) -> View:
        @functools.wraps(view)
        def guarded(**address: Any) -> ResponseReturnValue:
            person = actor() if anonymous else signed_in_actor()
            if load is None:
                if not may(person, verb):
                    message = "Cette page n'est pas ouverte à votre compte."
                    raise ForbiddenError(message)
                return view(**address)
            thing = load(**address)
            _check(person, verb, thing)
            return view(thing)

        guarded.policy = Policy(verb, public=anonymous, load=load)  # type: ignore[attr-defined]  # an attribute on a function
        return guarded

    return decorate


def _check(person: User | None, verb: str, thing: object) -> None:
    if may(person, verb, thing):
        return
    read = f"{verb.partition('.')[0]}.read"
    if read == verb or read not in VERBS or not may(person, read, thing):
        message = "Cette page n'existe pas, ou elle ne vous est pas ouverte."
        raise NotFoundError(message)
    message = "Vous pouvez lire cette page, mais pas faire cette action."
    raise ForbiddenError(message)


def see_other(endpoint: str, **values: Any) -> ResponseReturnValue:
    """Answer a successful form: 303 to the next page."""
    return redirect(url_for(endpoint, **values), code=303)


def form_errors(form: Any, error: InvalidError, fields: Iterable[str] | None = None) -> None:
    """Put each problem of a domain error on its WTForms field, or on the form when it has no such field."""
    known = set(fields or form._fields)  # WTForms has no public way to ask for a field by name safely
    for problem in error.problems:
        if problem.place in known:
            form[problem.place].errors = [*form[problem.place].errors, problem.message]
        else:
            form.form_errors.append(problem.message)
    if not error.problems:
        form.form_errors.append(error.message)
