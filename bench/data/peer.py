"""Loads pictures as people do with torchvision: transforms of Pillow's pictures in the workers of a DataLoader.

Pictures of their own files are shuffled; those in shards come in the order of the shards, a half of which each worker reads.
"""

import io
import json
import os
import tarfile
import time
from pathlib import Path

import torch
from PIL import Image
from rounds import serve
from torch.utils.data import DataLoader, Dataset, IterableDataset, get_worker_info
from torchvision.transforms import v2


PICTURES = Path(__file__).parent / "pictures"


def transforms(size):
    return v2.Compose(
        [
            v2.RandomResizedCrop(size, scale=(0.5, 1)),
            v2.RandomHorizontalFlip(),
            v2.ColorJitter(brightness=0.25, contrast=0.25, saturation=0.3),
            v2.ToImage(),
            v2.ToDtype(torch.float32, scale=True),
            v2.Normalize([0.5] * 3, [0.5] * 3),
        ]
    )


def opened(file):
    return Image.open(file).convert("RGB")


class Files(Dataset):
    def __init__(self, folder, size):
        self.folder = folder
        self.lines = [json.loads(line) for line in (folder / "samples.jsonl").read_text().splitlines()]
        self.transform = transforms(size)

    def __len__(self):
        return len(self.lines)

    def __getitem__(self, index):
        line = self.lines[index]
        return self.transform(opened(self.folder / line["image"])), line["caption"]


class Shards(IterableDataset):
    def __init__(self, folder, size):
        self.paths = sorted(folder.glob("shard-*.tar"))
        self.transform = transforms(size)

    def __iter__(self):
        worker = get_worker_info()
        for path in self.paths[worker.id :: worker.num_workers]:
            with tarfile.open(path) as archive:
                parts = {}
                for member in archive:
                    name, extension = member.name.split(".")
                    parts[extension] = archive.extractfile(member).read()
                    if "txt" not in parts or len(parts) < 2:
                        continue
                    caption = parts.pop("txt").decode()
                    (picture,) = parts.values()
                    yield self.transform(opened(io.BytesIO(picture))), caption
                    parts = {}


def endless(loader):
    """Its batches, epoch after epoch, each with the iterator that it came from."""
    while True:
        iterator = iter(loader)
        for batch in iterator:
            yield batch, iterator


def processor_seconds(iterator):
    """Of this process and the loader's workers, user and system."""
    total = time.process_time()
    for worker in iterator._workers:
        fields = Path(f"/proc/{worker.pid}/stat").read_text().rsplit(")", 1)[1].split()
        total += (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return total


loading = None


def load(extension, imageSize, batchSize, layout, threads, batches, warmUpBatches, stepMilliseconds, where):
    global loading
    if loading is None:
        dataset = (Files if layout == "files" else Shards)(PICTURES / extension, imageSize)
        loading = endless(
            DataLoader(
                dataset,
                batch_size=batchSize,
                shuffle=True if layout == "files" else None,
                drop_last=True,
                num_workers=threads,
                persistent_workers=True,
            )
        )
    pictures = waited = 0
    for number in range(-warmUpBatches, batches):
        if number == 0:
            pictures = waited = 0
            began, busy = time.perf_counter(), processor_seconds(iterator)
        wanted = time.perf_counter()
        (images, captions), iterator = next(loading)
        pictures += len(images)
        got = time.perf_counter()
        waited += got - wanted
        while time.perf_counter() < got + stepMilliseconds / 1e3:
            pass
    took = time.perf_counter() - began
    if stepMilliseconds > 0:
        return {f"waiting for data, {where}": 100 * waited / took}
    return {
        f"pictures a second, {where}": pictures / took,
        f"processor time a picture, {where}": 1e3 * (processor_seconds(iterator) - busy) / pictures,
    }


serve({"load": load}, packages=["torch", "torchvision", "pillow"])
