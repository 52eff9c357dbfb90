"""Pipeline: the next item is read and the last one written while this one is computed."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

import torch

Item = TypeVar("Item")
Read = TypeVar("Read")
Made = TypeVar("Made")
AHEAD = 2  # items that are read before their turn


def overlap(
    items: Iterable[Item],
    read: Callable[[Item], Read],
    compute: Callable[[Read], Made],
    write: Callable[[Made], None],
) -> Iterator[Item]:
    """Yield each item once it is written, in order.

    `compute` runs in the thread that iterates, `read` and `write` each in one of their own, at most
    two items ahead and one behind. An error is raised where the item's turn is, after those before
    it are written; neither thread outlives it, nor the iterator.
    """
    written: deque[tuple[Item, Future[None]]] = deque()
    with _thread("writer") as writer, _thread("reader", waiting=False) as reader:
        for item, found in _read_ahead(items, read, reader):
            made = compute(found)
            yield from _finished(written)
            written.append((item, writer.submit(write, made)))
        yield from _finished(written)


def _read_ahead(
    items: Iterable[Item], read: Callable[[Item], Read], reader: ThreadPoolExecutor
) -> Iterator[tuple[Item, Read]]:
    """Yield each item with what was read of it."""
    begun: deque[tuple[Item, Future[Read]]] = deque()
    for item in items:
        begun.append((item, reader.submit(read, item)))
        if len(begun) > AHEAD:
            first, future = begun.popleft()
            yield first, future.result()
    while begun:
        first, future = begun.popleft()
        yield first, future.result()


def _finished(written: deque[tuple[Item, Future[None]]]) -> Iterator[Item]:
    """Wait for what is being written."""
    while written:
        item, future = written.popleft()
        future.result()
        yield item


@contextmanager
def _thread(name: str, *, waiting: bool = True) -> Iterator[ThreadPoolExecutor]:
    """Give a thread that ends with the block; what is still `waiting` for it then is done, or not.

    What it is at is always finished. It computes with as many of torch's threads as this one does,
    so that sums have the same bits.
    """
    threads = (torch.get_num_threads(),)
    pool = ThreadPoolExecutor(1, name, initializer=torch.set_num_threads, initargs=threads)
    try:
        yield pool
    finally:
        pool.shutdown(wait=True, cancel_futures=not waiting)
