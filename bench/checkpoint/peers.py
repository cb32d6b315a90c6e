"""Saves and loads a state with what people use in Python, to the disk and back into memory.

Neither hashes nor reads back what it has written; the sync is added here, so that the file would outlive a power cut.
"""

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


def measured(megabytes, where, save, load):
    size = prepare(megabytes)
    with tempfile.TemporaryDirectory() as folder:
        file = os.path.join(folder, "checkpoint")
        began = time.perf_counter()
        save(file)
        descriptor = os.open(file, os.O_RDONLY)
        os.fsync(descriptor)
        os.close(descriptor)
        saved = time.perf_counter()
        loaded = load(file)
        took = time.perf_counter() - saved
        assert len(loaded) == ARRAYS
        return {
            f"save, {where}": size / 1e6 / (saved - began),
            f"load, {where}": size / 1e6 / took,
        }


def with_safetensors(megabytes, where):
    def load(file):
        # What it gives lies in the file until it is touched; ours is in memory.
        return {name: array.clone() for name, array in safetensors.torch.load_file(file).items()}

    return measured(megabytes, where, lambda file: safetensors.torch.save_file(state, file), load)


def with_torch(megabytes, where):
    return measured(megabytes, where, lambda file: torch.save(state, file), torch.load)


serve({"safetensors": with_safetensors, "torch": with_torch}, packages=["torch", "safetensors"])
