"""Where the network is trained; what needs a GPU is in ``test_gpu.py``."""

import warnings
from unittest.mock import Mock

import joblib
import numpy as np
import pytest
import skorch
import torch

from sklearn_mferl import MFERLClassifier
from sklearn_mferl.models import mferl
from sklearn_mferl.models.mferl import to_torch
from sklearn_mferl.network import MFERLLoss, MFERLNetwork, NodeTable, net
from sklearn_mferl.network.devices import resolve_device, warn_if_gpu_is_shared
from sklearn_mferl.network.mferl import double_device

X, Y = np.eye(8, dtype=np.float32), np.arange(8) % 2


def warnings_of(n_fits, device):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("default")
        for _ in range(n_fits):
            warn_if_gpu_is_shared(device)
    return [str(warning.message) for warning in caught]


def in_joblib(n_jobs, device="cuda"):
    call = joblib.delayed(warnings_of)(2, device)
    return joblib.Parallel(n_jobs=n_jobs, backend="loky")([call])[0]


def test_auto_is_a_gpu_where_there_is_one(monkeypatch):
    for available, device in ((True, "cuda"), (False, "cpu")):
        monkeypatch.setattr(torch.cuda, "is_available", lambda available=available: available)
        assert resolve_device("auto") == device
        assert resolve_device("cuda:1") == "cuda:1"


@pytest.mark.usefixtures("own_processes")
def test_parallel_fits_on_one_gpu_alone_warn_once_a_process_and_say_what_to_do():
    (message,) = in_joblib(n_jobs=2)
    for advice in ("'cuda'", "n_jobs=1", "CUDA_VISIBLE_DEVICES", "device='cpu'"):
        assert advice in message
    assert in_joblib(n_jobs=2, device="cpu") == in_joblib(n_jobs=1) == warnings_of(1, "cuda") == []


def test_the_fits_of_a_parallel_search_warn(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(MFERLClassifier, "_train", Mock(side_effect=RuntimeError("the fit began")))

    def fit(**params):
        with pytest.raises(RuntimeError, match="the fit began"):
            MFERLClassifier(**params).fit(X, Y)

    def fit_with_warning():
        with pytest.warns(UserWarning, match="each trains on 'cuda'"):
            fit()

    joblib.Parallel(n_jobs=2, backend="threading")([joblib.delayed(fit_with_warning)()])
    joblib.Parallel(n_jobs=2, backend="threading")([joblib.delayed(fit)(device="cpu")])
    fit()


def test_the_tables_are_put_on_the_device_once_a_fit(monkeypatch):
    calls = []
    monkeypatch.setattr(
        mferl, "to_torch", lambda table, device: calls.append(device) or to_torch(table, device)
    )
    MFERLClassifier(embedding_dim=4, max_epochs=3, batch_size=2, device="cpu", random_state=0).fit(X, Y)
    assert calls == ["cpu", "cpu"]  # circRNAs and miRNAs


def test_dropout_draws_from_the_generator_of_the_device_of_the_fit(monkeypatch):
    made = []
    monkeypatch.setattr(net, "_seeded", lambda device, seed: made.append(device) or torch.Generator())
    monkeypatch.setattr(skorch.net, "to_device", lambda module, device: module)
    nodes = NodeTable([torch.ones(3, 2)], [])
    for device, expected in (("cuda:1", ["cpu", "cuda:1"]), ("mps", ["cpu", "mps"]), ("cpu", ["cpu"])):
        made.clear()
        net.MFERLNet(
            MFERLNetwork, MFERLLoss, module__circrna=nodes, module__mirna=nodes, device=device
        ).initialize()
        assert made == expected


def test_double_precision_is_of_the_processor_where_the_device_has_none():
    for device, expected in (("mps", "cpu"), ("cuda:1", "cuda:1"), ("cpu", "cpu")):
        assert double_device(torch.device(device)) == torch.device(expected)


def test_all_of_a_fitted_network_moves_to_another_device():
    model = MFERLClassifier(embedding_dim=4, max_epochs=1, device="cpu", random_state=0).fit(X, Y)
    network = model.net_.module_.to("meta")  # a device that every machine has
    tensors = [*network.parameters(), *(part for context in network._contexts.values() for part in context)]
    assert {tensor.device.type for tensor in tensors} == {"meta"}
