"""What can go wrong in the domain, in words a person can read.

The domain raises these and knows no HTTP status: ``aap.app`` maps each class to one.
Messages are in French because they reach the screen as they are.
"""

from __future__ import annotations

from dataclasses import dataclass


class AapError(Exception):
    """Base of every error the domain raises on purpose.

    ``message`` is a French sentence for the person; ``code`` a stable kebab-case name for tests and logs.
    """

    code = "erreur"

    def __init__(self, message: str, *, code: str | None = None) -> None:
        """Keep the sentence, and the code when it is more precise than the class's."""
        super().__init__(message)
        self.message = message
        if code is not None:
            self.code = code


class NotFoundError(AapError):
    """The thing does not exist, or this person may not know that it does."""

    code = "introuvable"


class ForbiddenError(AapError):
    """The person knows the thing but may not do this to it."""

    code = "interdit"


class UnauthenticatedError(AapError):
    """Nobody is signed in and somebody must be."""

    code = "non-connecte"


class ConflictError(AapError):
    """The thing changed meanwhile, or its state does not allow this."""

    code = "conflit"


class StaleError(ConflictError):
    """Optimistic lock: somebody else saved first. Both texts are kept for the screen."""

    code = "modifie-entre-temps"

    def __init__(self, message: str, *, yours: object = None, theirs: object = None) -> None:
        """Carry both versions so that the page can show them side by side."""
        super().__init__(message)
        self.yours = yours
        self.theirs = theirs


class TooLargeError(AapError):
    """A file or a document is over its limit."""

    code = "trop-volumineux"


class TooManyRequestsError(AapError):
    """The person must wait before trying again."""

    code = "trop-de-demandes"


class UnavailableError(AapError):
    """A service we depend on (queue, storage, mail) does not answer."""

    code = "indisponible"


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault in what somebody gave us, with its place.

    ``place`` is a form field's name or a document path such as ``call.strands[2].envelope_eur``;
    ``line`` the 1-based line in a file when there is one.
    """

    place: str
    message: str
    line: int | None = None


class InvalidError(AapError):
    """Input refused. Holds every problem found, so that a person mends them all at once."""

    code = "invalide"

    def __init__(self, message: str, problems: tuple[Problem, ...] = (), *, code: str | None = None) -> None:
        """Keep the sentence and the list of problems, one per field or place."""
        super().__init__(message, code=code)
        self.problems = problems

    @classmethod
    def on(cls, place: str, message: str, *, code: str | None = None) -> InvalidError:
        """Refuse one field: the usual case of a ``check_*``."""
        return cls(message, (Problem(place, message),), code=code)
