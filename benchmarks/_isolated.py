"""Calls in a process of their own: peak memory is that of one cell, and one that dies harms no other."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any

# A server process imports these once and forks for each call, which so starts at once.
_CONTEXT = multiprocessing.get_context("forkserver")
_CONTEXT.set_forkserver_preload(
    ["sklearn_mferl.pipeline", "sklearn_mferl.baselines", "sklearn_mferl.evaluation"]
)


def call(function: Callable[..., Any], *arguments: Any) -> Any:
    """Return what the function returns; raise RuntimeError, with its message, if it fails."""
    receiver, sender = _CONTEXT.Pipe(duplex=False)
    process = _CONTEXT.Process(target=_answer, args=(sender, function, arguments))
    process.start()
    sender.close()
    try:
        is_answer, answer = receiver.recv()
        process.join()
    except EOFError:
        process.join()
        is_answer, answer = False, f"its process died with exit code {process.exitcode}; too little memory?"
    except BaseException:  # interrupted: the process would go on alone
        process.terminate()
        process.join()
        raise
    finally:
        receiver.close()
    if not is_answer:
        raise RuntimeError(answer)
    return answer


def _answer(sender: Connection, function: Callable[..., Any], arguments: tuple[Any, ...]) -> None:
    try:
        answer = True, function(*arguments)
    except Exception as error:
        answer = False, f"{type(error).__name__}: {error}"
    except KeyboardInterrupt:  # the parent reports it
        return
    sender.send(answer)
