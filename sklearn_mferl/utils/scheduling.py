"""Where parallel work is done: on this machine, or on the Dask cluster that joblib is told to use.

joblib's own Dask backend scatters large arguments, and these are lost with the worker that holds them: the
tasks that need them are cancelled. Here an argument is the result of a task, which the scheduler repeats.
"""

import ctypes
import pickle
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final, Literal

import joblib
import numpy as np
from joblib.parallel import get_active_backend
from threadpoolctl import ThreadpoolController

_SMALL: Final = (str, int, float, type(None))
_CONNECT_SECONDS: Final = 10


def run_unordered(
    function: Callable[..., Any],
    calls: Sequence[Mapping[str, Any]],
    *,
    n_jobs: int | None = None,
    prefer: Literal["threads", "processes"] | None = None,
) -> Iterator[tuple[int, Any]]:
    """Call a function many times in parallel, and yield the results as they are ready.

    Inside of ``joblib.parallel_config("dask")`` the calls go to the cluster, otherwise to joblib. What runs
    on a worker of the cluster makes its own calls one after the other.
    """
    if uses_cluster():
        yield from _run_on_cluster(_active_client(), function, calls)
    elif _active_client() is not None or len(calls) < 2:  # on a worker, or where a pool starts for nothing
        yield from (_call(function, number, call) for number, call in enumerate(calls))
    else:
        parallel = joblib.Parallel(n_jobs=n_jobs, prefer=prefer, return_as="generator_unordered")
        yield from parallel(
            joblib.delayed(_call)(function, number, call) for number, call in enumerate(calls)
        )


def run_in_order(
    function: Callable[..., Any],
    calls: Sequence[Mapping[str, Any]],
    *,
    n_jobs: int | None = None,
    prefer: Literal["threads", "processes"] | None = None,
) -> list[Any]:
    """Return the results of `run_unordered` in the order of the calls."""
    found = dict(run_unordered(function, calls, n_jobs=n_jobs, prefer=prefer))
    return [found[number] for number in range(len(calls))]


def uses_cluster() -> bool:
    """Tell whether `run_unordered` sends its calls to a cluster."""
    return _active_client() is not None and not _is_on_worker()


def count_threads(n_jobs: int | None) -> int:
    """Return how many threads of this process `n_jobs` stands for: one on a worker of a cluster."""
    return 1 if _active_client() is not None else joblib.effective_n_jobs(n_jobs)


@contextmanager
def one_openmp_thread() -> Iterator[None]:
    """Have OpenMP take one thread for what this thread does: several wait for each other on a busy machine.

    They spin while they wait, so that 300 small trees beside another process take minutes instead of
    seconds. The limit is of the thread that asks for it; one that it starts needs its own.
    """
    with _limit_threads("openmp"):
        yield


_controller: tuple[int, ThreadpoolController] | None = None


def _limit_threads(user_api: str) -> Any:
    """Limit libraries to one thread; to find them takes milliseconds, so it is done once an import."""
    global _controller
    if _controller is None or _controller[0] != len(sys.modules):
        _controller = len(sys.modules), ThreadpoolController()
    return _controller[1].limit(limits=1, user_api=user_api)


def give_back_memory() -> None:
    """Give memory that was freed back to the system; glibc would keep that of each thread for itself.

    Five fits, one after the other, would hold half a gigabyte that no array is in.
    """
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # other C libraries have none
        if trim is not None:
            trim(0)


class _OneBLASThread:
    """A limit of the whole process, set by the first who asks for it and lifted by the last."""

    def __init__(self) -> None:
        self._lock, self._n_users = threading.Lock(), 0
        self._limits: Any = None

    @contextmanager
    def __call__(self) -> Iterator[None]:
        with self._lock:
            if self._n_users == 0:
                self._limits = _limit_threads("blas")
            self._n_users += 1
        try:
            # kernels of BLAS work on more lanes than there are numbers, and what happens to lie there may
            # raise the flag of an invalid number that is in no result
            with np.errstate(invalid="ignore"):
                yield
        finally:
            with self._lock:
                self._n_users -= 1
                if self._n_users == 0:
                    self._limits.restore_original_limits()


one_blas_thread = _OneBLASThread()
"""Have BLAS take one thread, for the number of threads decides how sums are rounded."""


@contextmanager
def on_cluster(address: str | None) -> Iterator[None]:
    """Have all parallel work done on a Dask cluster."""
    if address is None:
        yield
        return
    try:
        from distributed import Client
    except ImportError as error:
        raise ImportError("A cluster needs Dask; install it by pip install 'sklearn-mferl[dask]'.") from error
    try:
        client = Client(address, timeout=_CONNECT_SECONDS, set_as_default=False)
    except (OSError, ValueError) as error:
        raise ValueError(
            f"No Dask scheduler answers at {address!r}: {error}. Start one by 'dask scheduler', and give the "
            "address that it prints."
        ) from error
    with client, joblib.parallel_config(backend="dask", client=client):
        yield


def _active_client() -> Any:
    # only joblib's Dask backend has a client; with prefer= a backend that was not asked for is of threads
    return getattr(get_active_backend(prefer="threads")[0], "client", None)


def _is_on_worker() -> bool:
    from distributed import get_worker

    try:
        get_worker()
    except ValueError:
        return False
    return True


def _run_on_cluster(
    client: Any, function: Callable[..., Any], calls: Sequence[Mapping[str, Any]]
) -> Iterator[tuple[int, Any]]:
    import dask
    from cloudpickle import dumps
    from distributed import as_completed

    uses = Counter(id(value) for call in calls for value in call.values() if not isinstance(value, _SMALL))
    shared: dict[int, Any] = {}
    waiting: dict[Any, int] = {}
    # Dask advises against large arguments and for scattering them, which loses them with a worker
    with dask.config.set({"distributed.admin.large-graph-warning-threshold": "1 TiB"}):
        for number, call in enumerate(calls):
            own, sent = {}, {}
            for name, value in call.items():
                if uses[id(value)] < 2:
                    own[name] = value
                    continue
                if id(value) not in shared:
                    shared[id(value)] = client.submit(pickle.loads, dumps(value), pure=False)
                sent[name] = shared[id(value)]
            waiting[client.submit(_run_packed, dumps((function, own)), pure=False, **sent)] = number
    try:
        for future, result in as_completed(list(waiting), loop=client.loop, with_results=True):
            yield waiting.pop(future), result  # a result that nobody holds leaves the cluster
    finally:
        client.cancel(list(waiting))


def _run_packed(packed: bytes, /, **shared: Any) -> Any:
    function, own = pickle.loads(packed)
    # the cluster has work for every thread of its workers, so a call takes no more than one
    with joblib.parallel_config(backend="sequential"):
        return function(**own, **shared)


def _call(function: Callable[..., Any], number: int, call: Mapping[str, Any]) -> tuple[int, Any]:
    return number, function(**call)
