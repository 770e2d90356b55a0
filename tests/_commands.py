"""The program ``mferl`` in this process; typer's own runner differs from version to version."""

from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from typing import NamedTuple

import pytest
from typer.main import get_command

from sklearn_mferl.cli import app


class Result(NamedTuple):
    exit_code: int
    stdout: str
    stderr: str


def mferl(*arguments):
    with (
        redirect_stdout(StringIO()) as out,
        redirect_stderr(StringIO()) as err,
        pytest.raises(SystemExit) as end,
    ):
        get_command(app).main([str(argument) for argument in arguments], prog_name="mferl")
    return Result(end.value.code or 0, out.getvalue(), err.getvalue())


def run(*arguments):
    """Run a command that must end well."""
    result = mferl(*arguments)
    assert result.exit_code == 0, result.stderr
    return result


def refused(*arguments):
    """Run a command that must not, and return the one line that says what is wrong."""
    result = mferl(*arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    line = result.stderr.split("\r")[-1]  # what comes after a progress bar
    assert line.startswith("Error: ")
    assert line.count("\n") == 1
    return line
