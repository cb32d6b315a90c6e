"""Saves and loads a state with what people use in Python, to the disk and back into memory.

Neither hashes nor reads back what it has written; the sync is added here, so that the file would outlive a power cut. One
contender does by hand what ours does for a file that can be relied on.
"""

import hashlib
import os
import tempfile
import time

import safetensors.torch
import torch
from rounds import serve

ARRAYS = 36
state = {}


def prepare(megabytes):
    if not state:
        generator = torch.Generator().manual_seed(1)
        size = round(megabytes * 1e6 / 4 / ARRAYS)
        state.update({f"array{index}": torch.randn(size, generator=generator) for index in range(ARRAYS)})
    return sum(array.numel() * 4 for array in state.values())


def sync(path):
    descriptor = os.open(path, os.O_RDONLY)
    os.fsync(descriptor)
    os.close(descriptor)


def measured(megabytes, where, save, load):
    size = prepare(megabytes)
    with tempfile.TemporaryDirectory() as folder:
        file = os.path.join(folder, "checkpoint")
        processor = time.process_time()
        began = time.perf_counter()
        save(file)
        saved = time.perf_counter()
        processor_saved = time.process_time()
        loaded = load(file)
        took = time.perf_counter() - saved
        processor_took = time.process_time() - processor_saved
        assert len(loaded) == ARRAYS
        return {
            f"save, {where}": size / 1e6 / (saved - began),
            f"load, {where}": size / 1e6 / took,
            f"save, {where}, processor": 1e3 * (processor_saved - processor),
            f"load, {where}, processor": 1e3 * processor_took,
        }


def load_copied(file):
    # What it gives lies in the file until it is touched; ours is in memory.
    return {name: array.clone() for name, array in safetensors.torch.load_file(file).items()}


def with_safetensors(megabytes, where):
    def save(file):
        safetensors.torch.save_file(state, file)
        sync(file)

    return measured(megabytes, where, save, load_copied)


def sha256_of(file):
    with open(file, "rb") as opened:
        return hashlib.file_digest(opened, "sha256").digest()


def with_safetensors_relied_on(megabytes, where):
    """A hash of what can be read, a name that never stands for half a file, and a check when it is loaded."""
    hashes = {}

    def save(file):
        temporary = f"{file}.tmp"
        safetensors.torch.save_file(state, temporary)
        hashes[file] = sha256_of(temporary)
        sync(temporary)
        os.replace(temporary, file)
        sync(os.path.dirname(file))

    def load(file):
        assert sha256_of(file) == hashes[file]
        return load_copied(file)

    return measured(megabytes, where, save, load)


def with_torch(megabytes, where):
    def save(file):
        torch.save(state, file)
        sync(file)

    return measured(megabytes, where, save, torch.load)


serve(
    {"safetensors": with_safetensors, "relied on": with_safetensors_relied_on, "torch": with_torch},
    packages=["torch", "safetensors"],
)
