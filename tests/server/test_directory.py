"""The list of commands says of each what the command says of itself, and imports none of them."""

import subprocess
import sys
from inspect import cleandoc

import pytest

from server.commands.directory import DIRECTORY, load


@pytest.mark.parametrize("name", DIRECTORY)
def test_each_command_is_listed_with_its_own_line(name):
    line = " ".join(cleandoc(load(name).help).partition("\n\n")[0].split())

    assert DIRECTORY[name].line == line


def test_help_imports_no_command():
    asked = (
        "import sys; from typer.testing import CliRunner; from server.program import program;"
        "said = CliRunner().invoke(program, ['--help']).output;"
        "print([name for name in ('psycopg', 'graphql', 'domain.kinds') if name in sys.modules],"
        " 'verify' in said)"
    )

    told = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)

    assert told.stdout == "[] True\n"
