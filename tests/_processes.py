"""Python in a process of its own, which may be killed at the same place however busy the machine is."""

import os
import signal
import subprocess
import sys

# every file of the package is written under another name and then renamed
HOOK = """
import os, signal, sys
left, suffix = int(sys.argv.pop(1)), sys.argv.pop(1)
def count(event, arguments):
    global left
    if event == "os.rename" and os.fspath(arguments[1]).endswith(suffix):
        left -= 1
        if left < 0:
            os.kill(os.getpid(), signal.SIGKILL)
sys.addaudithook(count)
"""


def run_python(*arguments, cwd=None, **environment):
    """Run Python with these arguments; it finds what this process finds."""
    found = {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    return subprocess.run(
        [sys.executable, *map(str, arguments)],
        cwd=cwd,
        env={**os.environ, **found, **environment},
        capture_output=True,
        text=True,
    )


def run_and_kill(script, *arguments, after, suffix):
    """Run a script and kill it when it is about to finish one more than so many files of a suffix."""
    done = run_python("-c", HOOK + script, after, suffix, *arguments)
    assert done.returncode == -signal.SIGKILL, done.stderr
