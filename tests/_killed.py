"""Python code in a process that is killed half way, at the same place however busy the machine is."""

from __future__ import annotations

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


def run_and_kill(script, *arguments, after, suffix):
    """Run a script and kill it when it is about to finish one more than so many files of a suffix."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    command = [sys.executable, "-c", HOOK + script, str(after), suffix, *map(str, arguments)]
    done = subprocess.run(
        command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    assert done.returncode == -signal.SIGKILL, done.stderr
