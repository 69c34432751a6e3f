from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.unit.cli.conftest import Aap


def test_the_draw_is_the_order_of_the_hashes(aap: Aap) -> None:
    refs = ["A-2", "A-10", "é", "B"]
    drawn = aap("scoring", "draw", "--seed", "graine", *refs).json
    assert drawn == {
        "commitment": hashlib.sha256(b"graine").hexdigest(),
        "order": sorted(refs, key=lambda ref: hashlib.sha256(f"graine:{ref}".encode()).hexdigest()),
    }


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["scoring", "draw", "A"], "Il manque l'option --seed."),
        (["scoring", "draw", "--seed", "x"], "Il manque l'argument REF…."),
        (["scoring", "draw", "--seed"], "L'option --seed est mal employée"),
        (["scoring", "draw", "--seed", "", "A"], "La graine du tirage ne peut pas être vide."),
        (["scoring", "draw", "--seed", "x", "A", "A"], "Un dossier figure deux fois dans le tirage."),
        (["scoring", "draw", "--seed", "x", "\udcff"], "n'est pas un texte lisible"),
        (["scoring", "draw", "--seed", "\udcff", "A"], "n'est pas un texte lisible"),
        (["scoring", "draw", "--graine", "x", "A"], "L'option --graine n'existe pas."),
        (["scoring", "assign", "x", "--reviews", "-1"], "l'option --reviews : on attend un entier d'au moins 0."),
        (["scoring", "assign", "x", "--reviews", "trois"], "l'option --reviews : on attend un entier d'au moins 0."),
        (["scoring", "tirage"], "La commande « tirage » n'existe pas."),
    ],
)
def test_a_line_badly_typed_is_a_french_sentence(aap: Aap, words: list[str], said: str) -> None:
    assert said in aap(*words).refusal


def test_it_works_without_a_database_configuration_or_flask() -> None:
    program = (
        "import sys; sys.argv = ['aap', 'scoring', 'draw', '--seed', 's', 'A']\n"
        "from aap.cli import main\n"
        "try: main()\n"
        "finally: assert not {'flask', 'sqlalchemy', 'numpy', 'highspy', 'scipy', 'pydantic'} & set(sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], env={}, capture_output=True, check=True, timeout=60)
    assert json.loads(done.stdout)["order"] == ["A"]


def test_the_solver_is_called_without_scipy_which_takes_half_a_second_to_import() -> None:
    program = "import sys, aap.cli.portfolios; assert 'highspy' in sys.modules and 'scipy' not in sys.modules"
    subprocess.run([sys.executable, "-c", program], env={}, check=True, timeout=60)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_an_answer_that_cannot_be_written_is_a_sentence() -> None:
    with Path("/dev/full").open("wb") as full:
        words = [sys.executable, "-c", "from aap.cli import main; main()", "scoring", "draw", "--seed", "s", "A"]
        done = subprocess.run(words, stdout=full, stderr=subprocess.PIPE, check=False, timeout=60)
    assert done.returncode == 2
    assert done.stderr.decode().startswith("La réponse ne peut pas être écrite")
    assert b"Traceback" not in done.stderr


def test_a_closed_output_is_a_sentence() -> None:
    line = "from aap.cli import main; main()"
    words = ["sh", "-c", 'exec "$@" >&-', "sh", sys.executable, "-c", line, "scoring", "draw", "--seed", "s", "A"]
    done = subprocess.run(words, stderr=subprocess.PIPE, check=False, timeout=60)
    assert done.returncode == 2
    assert done.stderr.decode().startswith("La réponse ne peut pas être écrite")
