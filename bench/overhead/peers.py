"""What trainers in Python add to a bare PyTorch loop with the same model, data and optimizer: the rounds of `overhead`.

peers.py lightning|transformers serves those of one of them.
"""

import logging
import sys
import tempfile
import time
import warnings

import torch
from torch.utils.data import DataLoader, Dataset

from rounds import serve

# Steps at the beginning of each run that are not timed.
WARM_UP = 100
BATCH_SIZE = 8
FEATURES = 32

torch.set_num_threads(1)
warnings.filterwarnings("ignore")


class Samples(Dataset):
    def __init__(self, count):
        self.inputs = torch.randn(count, FEATURES)
        self.labels = torch.randn(count, 1)

    def __len__(self):
        return len(self.inputs)

    def __getitem__(self, index):
        return {"inputs": self.inputs[index], "labels": self.labels[index]}


class Model(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = torch.nn.Sequential(torch.nn.Linear(FEATURES, 16), torch.nn.ReLU(), torch.nn.Linear(16, 1))

    def forward(self, inputs, labels):
        return {"loss": torch.nn.functional.mse_loss(self.layers(inputs), labels)}


def optimizer_of(model):
    return torch.optim.AdamW(model.parameters(), lr=1e-3)


class Clock:
    """Tells the microseconds a step, of the clock and of the processor, from the end of the warm-up to that of the last."""

    def __init__(self, steps):
        self.steps = steps

    def step_ended(self, step):
        if step == WARM_UP:
            self.started = time.perf_counter(), time.process_time()
        elif step == self.steps:
            self.ended = time.perf_counter(), time.process_time()

    @property
    def microseconds(self):
        return [(end - start) * 1e6 / (self.steps - WARM_UP) for start, end in zip(self.started, self.ended)]


def bare(steps, schedule=False):
    """A loop that trains and does nothing else; with a schedule and clipping, as transformers' trainer has them."""
    model, clock = Model(), Clock(steps)
    optimizer = optimizer_of(model)
    scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: 1 - step / steps) if schedule else None
    loader = DataLoader(Samples(steps * BATCH_SIZE), batch_size=BATCH_SIZE, shuffle=True)
    model.train()
    for step, batch in enumerate(loader, 1):
        optimizer.zero_grad()
        loss = model(**batch)["loss"]
        loss.backward()
        if scheduler is not None:
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        if scheduler is not None:
            scheduler.step()
        clock.step_ended(step)
    return clock.microseconds


def added(bare, whole):
    wall, processor = (of_whole - of_bare for of_whole, of_bare in zip(whole, bare))
    return {"added to a step": wall, "added to a step, processor": processor}


def lightning(steps, log):
    import lightning as L
    from lightning.pytorch.loggers import CSVLogger, TensorBoardLogger

    class Module(L.LightningModule):
        def __init__(self):
            super().__init__()
            self.model = Model()

        def training_step(self, batch, _):
            loss = self.model(**batch)["loss"]
            if log != "nothing":
                self.log("loss", loss)
            return loss

        def configure_optimizers(self):
            return optimizer_of(self.model)

    bare_step = bare(steps)
    clock = Clock(steps)

    class Timing(L.Callback):
        def on_train_batch_end(self, trainer, module, outputs, batch, index):
            clock.step_ended(index + 1)

    with tempfile.TemporaryDirectory() as folder:
        loggers = {
            "nothing": lambda: False,
            "csv": lambda: CSVLogger(folder),
            "tensorboard": lambda: TensorBoardLogger(folder),
        }
        trainer = L.Trainer(
            max_epochs=1,
            accelerator="cpu",
            logger=loggers[log](),
            log_every_n_steps=1,
            callbacks=[Timing()],
            enable_checkpointing=False,
            enable_progress_bar=False,
            enable_model_summary=False,
        )
        trainer.fit(Module(), DataLoader(Samples(steps * BATCH_SIZE), batch_size=BATCH_SIZE, shuffle=True))
    return added(bare_step, clock.microseconds)


def transformers(steps, log):
    from transformers import Trainer, TrainerCallback, TrainingArguments

    bare_step = bare(steps, schedule=True)
    clock = Clock(steps)

    class Timing(TrainerCallback):
        def on_step_end(self, arguments, state, control, **_):
            clock.step_ended(state.global_step)

    with tempfile.TemporaryDirectory() as folder:
        arguments = TrainingArguments(
            output_dir=folder,
            num_train_epochs=1,
            per_device_train_batch_size=BATCH_SIZE,
            optim="adamw_torch",
            use_cpu=True,
            disable_tqdm=True,
            save_strategy="no",
            dataloader_pin_memory=False,
            **(
                {"report_to": "none", "logging_strategy": "no"}
                if log == "nothing"
                else {"report_to": log, "logging_strategy": "steps", "logging_steps": 1}
            ),
        )
        Trainer(Model(), arguments, train_dataset=Samples(steps * BATCH_SIZE), callbacks=[Timing()]).train()
    return added(bare_step, clock.microseconds)


trainers = {"lightning": lightning, "transformers": transformers}
name = sys.argv[1]
if name == "lightning":
    import lightning.pytorch  # noqa: F401

    logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)
else:
    import transformers as _  # noqa: F401
serve({"trainer": trainers[name]}, packages=("torch", name))
