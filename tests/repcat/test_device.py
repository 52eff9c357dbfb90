"""Which device computes, and which errors say that its memory is used up."""

import pytest
import torch

from repcat import device
from repcat.errors import RepcatError


@pytest.fixture
def two_cards(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)


@pytest.fixture
def no_card(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)


@pytest.mark.usefixtures("two_cards")
def test_where_there_are_cards_auto_takes_one_and_each_can_be_named():
    names = ("auto", "cpu", "cuda", "cuda:1")
    assert [device.choose(name) for name in names] == ["cuda", "cpu", "cuda", "cuda:1"]
    with pytest.raises(RepcatError, match="there are cuda:0 to cuda:1"):
        device.choose("cuda:2")


@pytest.mark.usefixtures("no_card")
def test_without_a_card_auto_is_the_processor_and_cuda_an_error_with_its_cure():
    assert device.choose() == "cpu"
    for name in ("cuda", "cuda:0"):
        with pytest.raises(RepcatError, match="finds no CUDA device; use cpu"):
            device.choose(name)


@pytest.mark.parametrize("name", ["", "CPU", "cuda:", "cuda:-1", "cpu:0", "cuda:1 "])
def test_what_is_no_device_is_told_as_it_was_written(name):
    with pytest.raises(RepcatError, match=f"--device {name}: there are auto, cpu, cuda"):
        device.choose(name)


def test_torchs_own_refusal_of_too_much_memory_is_known():
    with pytest.raises(RuntimeError) as caught:
        torch.empty(2**55, dtype=torch.float64)  # 2^58 bytes: no address is as long
    assert device.is_out_of_memory(caught.value)


@pytest.mark.parametrize(
    ("error", "full"),
    [
        (MemoryError(), True),
        (torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2 GiB"), True),
        (RuntimeError("CUDA error: CUBLAS_STATUS_ALLOC_FAILED"), True),
        (RuntimeError("shape '[2]' is invalid"), False),
        (ValueError("out of memory"), False),
    ],
)
def test_only_allocators_words_mean_that_memory_is_used_up(error, full):
    assert device.is_out_of_memory(error) is full


def test_the_peak_counts_what_was_freed_again():
    megabytes = torch.ones(100 * 2**18)  # 100 MiB, written to
    held = device.peak_memory_gb("cpu")
    del megabytes
    assert device.peak_memory_gb("cpu") >= held > 0.1


def test_a_processor_is_described_by_its_threads():
    assert device.describe("cpu") == f"CPU, {torch.get_num_threads()} threads"
