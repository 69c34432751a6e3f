"""Official numbers: siret, finess, rna, rpps, commune, department.

SIRET is checked by its key. The key rule of FINESS is established by observation only: a doubt, never a refusal.
"""

from __future__ import annotations

import re
from typing import ClassVar

from stdnum import iban, luhn
from stdnum.fr import siret
from typing_extensions import override

from aap.errors import Problem
from aap.forms.fields.cleaning import clean_line
from aap.forms.fields.field_type import Written
from aap.forms.fields.texts import TextType
from aap.forms.spec import FieldSpec
from aap.french import HARD

_SEPARATORS = re.compile(r"[\s.\-\u00a0\u202f\u2009]")


def finess_key_is_right(number: str) -> bool:
    """Tell whether the ninth character of a FINESS number is its Luhn key; Corsican letters count as 1 (A), 2 (B)."""
    return bool(luhn.is_valid(number.replace("A", "1").replace("B", "2")))


class IdentifierType(TextType):
    """A number kept without its separators, in capitals."""

    shape: ClassVar[re.Pattern[str]]
    advice: ClassVar[str]

    @override
    def read(self, text: str) -> str | None:
        """Return the number without separators."""
        return _SEPARATORS.sub("", clean_line(text)).upper() or None

    @override
    def check(self, spec: FieldSpec, value: str) -> tuple[Problem, ...]:
        """Report a number of another shape."""
        return () if self.shape.fullmatch(value) else (Problem(spec.id, self.advice),)


class SiretType(IdentifierType):
    """The fourteen digits of an establishment."""

    name = "siret"
    title = "SIRET"
    shape = re.compile(r"[0-9]{14}")
    advice = "Un SIRET compte 14 chiffres, par exemple 999 771 017 00012."

    @override
    def check(self, spec: FieldSpec, value: str) -> tuple[Problem, ...]:
        """Report a wrong length or a wrong key (Luhn, with the rule of La Poste)."""
        problems = IdentifierType.check(self, spec, value)
        if problems or siret.is_valid(value):
            return problems
        return (Problem(spec.id, "Ce SIRET n'est pas valide : vérifiez ses chiffres, l'un d'eux est faux."),)

    @override
    def show(self, spec: FieldSpec, value: str) -> str:
        """Group the digits: ``999 771 017 00012``."""
        return HARD.join((value[:3], value[3:6], value[6:9], value[9:])) if self.shape.fullmatch(value) else value


class FinessType(IdentifierType):
    """The nine characters of a health establishment or of its legal entity."""

    name = "finess"
    title = "FINESS"
    shape = re.compile(r"(?:[0-9]{2}|2[AB])[0-9]{7}")
    advice = "Un numéro FINESS compte 9 caractères et commence par le département, par exemple 770999019."

    @override
    def warnings(self, spec: FieldSpec, value: str) -> tuple[Problem, ...]:
        """Doubt a number whose key looks wrong."""
        if not self.shape.fullmatch(value) or finess_key_is_right(value):
            return ()
        return (Problem(spec.id, "La clé de ce numéro FINESS semble fausse : vérifiez-le. Il est gardé tel quel."),)


class RnaType(IdentifierType):
    """The number of an association in the national directory."""

    name = "rna"
    title = "RNA"
    shape = re.compile(r"W[0-9][A-Z0-9][0-9]{7}")
    advice = "Un numéro RNA compte la lettre W puis 9 chiffres, par exemple W771234567."


class RppsType(IdentifierType):
    """The eleven digits of a health professional."""

    name = "rpps"
    title = "RPPS"
    shape = re.compile(r"[0-9]{11}")
    advice = "Un numéro RPPS compte 11 chiffres."

    @override
    def read(self, text: str) -> str | None:
        """Return the eleven digits: the national identifier puts an 8 before them."""
        number = IdentifierType.read(self, text)
        return number[1:] if number and re.fullmatch(r"8[0-9]{11}", number) else number

    @override
    def check(self, spec: FieldSpec, value: str) -> tuple[Problem, ...]:
        """Report a wrong length or a wrong key (Luhn)."""
        problems = IdentifierType.check(self, spec, value)
        if problems or luhn.is_valid(value):
            return problems
        return (Problem(spec.id, "Ce numéro RPPS n'est pas valide : vérifiez ses chiffres."),)


class IbanType(IdentifierType):
    """A bank account, checked by its key (ISO 13616: modulo 97). Neither the jury nor givers of opinions read it."""

    name = "iban"
    title = "IBAN"
    shape = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}")
    advice = "Un IBAN commence par deux lettres et deux chiffres, par exemple FR76 suivi de 23 caractères."

    @override
    def check(self, spec: FieldSpec, value: str) -> tuple[Problem, ...]:
        """Report a wrong length for the country, or a wrong key."""
        problems = IdentifierType.check(self, spec, value)
        if problems or iban.is_valid(value, check_country=False):
            return problems
        return (Problem(spec.id, "Cet IBAN n'est pas valide : vérifiez ses caractères, l'un d'eux est faux."),)

    @override
    def show(self, spec: FieldSpec, value: str) -> str:
        """Group the characters by four, as on a bank statement."""
        return HARD.join(value[start : start + 4] for start in range(0, len(value), 4))


class CommuneType(IdentifierType):
    """A commune, by its INSEE code. Its existence is checked by whoever can read the table."""

    name = "commune"
    title = "Commune"
    shape = re.compile(r"(?:[0-9]{2}|2[AB])[0-9]{3}")
    advice = "Cherchez la commune par son nom ou son code postal, puis choisissez-la dans la liste."
    labelled = re.compile(r"\(((?:[0-9]{2}|2[AB])[0-9]{3})\)\s*$", re.IGNORECASE)

    @override
    def read(self, text: str) -> str | None:
        """Return the code, alone or after a name (``Meaux (77284)``); another text as it was typed."""
        line = clean_line(text)
        labelled = self.labelled.search(line)
        bare = labelled[1].upper() if labelled else _SEPARATORS.sub("", line).upper()
        return bare if self.shape.fullmatch(bare) else line or None

    @override
    def write(self, value: str) -> str:
        """Return the code."""
        return value

    @override
    def written(self, spec: FieldSpec, value: str | None) -> Written:
        """Return the name with the code when the options give it, the code otherwise."""
        return {spec.id: ("" if value is None else self.show(spec, value),)}

    @override
    def show(self, spec: FieldSpec, value: str) -> str:
        """Return the name when the options give it, the code otherwise."""
        option = spec.option(value)
        return value if option is None else option.label


class PlaceType(TextType):
    """A commune in a cell, as people write it: a name, a postcode, a code. Whoever reads the table recognises it."""

    name = "place"
    title = "Commune d'un site"


class DepartmentType(CommuneType):
    """A department, by its official code."""

    name = "department"
    title = "Département"
    shape = re.compile(r"0[1-9]|1[0-9]|2[1-9AB]|[3-8][0-9]|9[0-5]|97[1-8]|98[678]")
    advice = "Choisissez un département, ou écrivez son code (par exemple 77 ou 2A)."

    @override
    def read(self, text: str) -> str | None:
        """Return the code, with its leading zero."""
        code = IdentifierType.read(self, text)
        return f"0{code}" if code and re.fullmatch(r"[1-9]", code) else code

    @override
    def check(self, spec: FieldSpec, value: str) -> tuple[Problem, ...]:
        """Report an unknown code, or one the options leave out."""
        problems = IdentifierType.check(self, spec, value)
        if not problems and spec.options and spec.option(value) is None:
            return (Problem(spec.id, "Ce département n'est pas dans la liste."),)
        return problems
