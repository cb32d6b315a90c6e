"""Tools that record scalars, each used as its documentation shows, with its usual settings.

load() imports what is needed, so that it counts in no round. Tool(folder) begins a run, log(scalars, step) records a step,
close() waits for what is still to be written. read(folder) yields (name, step) for each scalar that is on disk.
"""

import atexit
import glob
import json
import os
import shutil
import sqlite3
import struct
import subprocess
import sys
import tempfile
from pathlib import Path

names = ("loss", "learning_rate", "logit_scale", "gradient_norm", "duration_ms", "data_wait_ms")


def read_tensorboard(folder):
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    events = EventAccumulator(folder, size_guidance={"scalars": 0, "tensors": 0})
    events.Reload()
    for name in events.Tags()["scalars"]:
        for scalar in events.Scalars(name):
            yield name, scalar.step


class TensorBoard:
    packages = ("torch", "tensorboard")

    @staticmethod
    def load():
        import torch.utils.tensorboard  # noqa: F401

    def __init__(self, folder):
        from torch.utils.tensorboard import SummaryWriter

        self.writer = SummaryWriter(folder)

    def log(self, scalars, step):
        for name, value in scalars.items():
            self.writer.add_scalar(name, value, step)

    def close(self):
        self.writer.close()

    read = staticmethod(read_tensorboard)


class TensorBoardX(TensorBoard):
    packages = ("tensorboardX",)

    @staticmethod
    def load():
        import tensorboardX  # noqa: F401

    def __init__(self, folder):
        from tensorboardX import SummaryWriter

        self.writer = SummaryWriter(folder)


class MLflow:
    packages = ("mlflow",)

    @staticmethod
    def load():
        import mlflow  # noqa: F401

    def __init__(self, folder):
        import mlflow

        mlflow.set_tracking_uri(f"sqlite:///{folder}/mlflow.sqlite")
        mlflow.create_experiment("log", artifact_location=f"{folder}/artifacts")
        mlflow.set_experiment("log")
        mlflow.start_run()

    def log(self, scalars, step):
        import mlflow

        mlflow.log_metrics(scalars, step)

    def close(self):
        import mlflow

        mlflow.end_run()

    @staticmethod
    def read(folder):
        import mlflow

        client = mlflow.MlflowClient(f"sqlite:///{folder}/mlflow.sqlite")
        experiment = client.get_experiment_by_name("log")
        (run,) = client.search_runs([experiment.experiment_id])
        for name in run.data.metrics:
            for metric in client.get_metric_history(run.info.run_id, name):
                yield name, metric.step


class Wandb:
    packages = ("wandb",)

    @staticmethod
    def load():
        import wandb  # noqa: F401

    def __init__(self, folder):
        import wandb

        self.run = wandb.init(project="log", dir=folder, mode="offline")

    def log(self, scalars, step):
        self.run.log(scalars, step)

    def close(self):
        self.run.finish()

    @staticmethod
    def read(folder):
        from wandb.proto.wandb_internal_pb2 import Record

        (file,) = glob.glob(f"{folder}/wandb/offline-run-*/run-*.wandb")
        for content in log_records(Path(file).read_bytes()):
            record = Record.FromString(content)
            if record.WhichOneof("record_type") != "history":
                continue
            for item in record.history.item:
                name = item.key or "/".join(item.nested_key)
                if name in names:
                    yield name, record.history.step.num


def log_records(content):
    """The records of a file in LevelDB's log format, up to where it breaks off; 7 bytes come before the first block's."""
    block, header = 32768, struct.Struct("<IHB")
    position, parts = 7, []
    while position + header.size <= len(content):
        left = block - position % block
        if left < header.size:
            position += left
            continue
        _, length, kind = header.unpack_from(content, position)
        position += header.size
        if kind == 0 or position + length > len(content):
            return
        parts.append(content[position : position + length])
        position += length
        # 1: whole, 2: first, 3: middle, 4: last
        if kind in (1, 4):
            yield b"".join(parts)
            parts = []


class Trackio:
    packages = ("trackio",)

    @staticmethod
    def load():
        # It is asked for once, when the package is imported.
        os.environ["TRACKIO_DIR"] = tempfile.mkdtemp(prefix="chronograd-bench-trackio-")
        import trackio  # noqa: F401

        atexit.register(shutil.rmtree, os.environ["TRACKIO_DIR"], ignore_errors=True)

    def __init__(self, folder):
        os.environ.setdefault("TRACKIO_DIR", folder)
        import trackio

        self.run = trackio.init(project=Path(folder).name, name="log", embed=False)

    def log(self, scalars, step):
        self.run.log(scalars, step)

    def close(self):
        self.run.finish()

    @staticmethod
    def read(folder):
        for file in glob.glob(f"{folder}/*.db"):
            with sqlite3.connect(file) as database:
                for step, metrics in database.execute("SELECT step, metrics FROM metrics"):
                    for name in json.loads(metrics):
                        yield name, step


class Aim:
    packages = ("aim",)

    @staticmethod
    def load():
        import aim  # noqa: F401

    def __init__(self, folder):
        import aim

        self.run = aim.Run(repo=folder)

    def log(self, scalars, step):
        self.run.track(scalars, step=step)

    def close(self):
        self.run.close()

    @staticmethod
    def read(folder):
        import aim

        # A run that did not end is in no index until it is made anew.
        aim_command = os.path.join(os.path.dirname(sys.executable), "aim")
        reindex = [aim_command, "storage", "--repo", folder, "reindex", "--yes"]
        subprocess.run(reindex, check=True, capture_output=True)
        for run in aim.Repo(folder).iter_runs():
            for metric in run.metrics():
                for step in metric.data.indices_list():
                    yield metric.name, step


tools = {
    "tensorboard": TensorBoard,
    "tensorboardX": TensorBoardX,
    "mlflow": MLflow,
    "wandb": Wandb,
    "trackio": Trackio,
    "aim": Aim,
}
