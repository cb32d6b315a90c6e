"""The same dual encoders in PyTorch, from the same weights and the same batches: the peer of the benchmark `train`.

pytorch.py FOLDER: FOLDER/case.json says which model and how many threads; weights and batches lie beside it. The first
losses are written there, for a comparison with ours.
"""

import json
import math
import resource
import sys
import time
from pathlib import Path

import numpy
import torch
import torch.nn.functional as F
from torch import nn

from rounds import serve

folder = Path(sys.argv[1])
case = json.loads((folder / "case.json").read_text())
torch.set_num_threads(case["threads"])


def read_safetensors(path):
    data = path.read_bytes()
    size = int.from_bytes(data[:8], "little")
    header = json.loads(data[8 : 8 + size])
    arrays = {}
    for name, entry in header.items():
        if name == "__metadata__" or entry["dtype"] != "F32":
            continue
        begin, end = (8 + size + offset for offset in entry["data_offsets"])
        array = numpy.frombuffer(data[begin:end], numpy.float32).reshape(entry["shape"])
        arrays[name.removeprefix("model.")] = torch.from_numpy(array.copy())
    return arrays


class Convolution(nn.Module):
    """Convolution and batch normalisation. Strided convolutions pad below and on the right first where told so."""

    def __init__(self, inputs, outputs, size, stride, padding):
        super().__init__()
        self.asymmetric = padding == "same" and stride > 1 and size > 1
        self.size, self.stride = size, stride
        self.kernel = nn.Conv2d(inputs, outputs, size, stride, 0 if self.asymmetric else size // 2, bias=False)
        self.normalization = nn.BatchNorm2d(outputs)

    def forward(self, x):
        if self.asymmetric:
            missing = self.size - self.stride
            x = F.pad(x, (missing // 2, missing - missing // 2) * 2)
        return self.normalization(self.kernel(x))


class Residual(nn.Module):
    def __init__(self, inputs, outputs, stride, padding):
        super().__init__()
        self.first = Convolution(inputs, outputs, 3, stride, padding)
        self.second = Convolution(outputs, outputs, 3, 1, padding)
        self.shortcut = None
        if stride != 1 or inputs != outputs:
            self.shortcut = Convolution(inputs, outputs, 1, stride, padding)

    def forward(self, x):
        y = self.second(F.relu(self.first(x)))
        return F.relu(y + (x if self.shortcut is None else self.shortcut(x)))


class ConvolutionalTower(nn.Module):
    def __init__(self, stem, stages, padding, pooling):
        super().__init__()
        self.stem = Convolution(3, stem["channels"], stem["kernelSize"], stem["stride"], padding)
        self.pooling = pooling
        inputs = stem["channels"]
        for number, stage in enumerate(stages):
            blocks = nn.Module()
            for index in range(stage["blocks"]):
                stride = stage["stride"] if index == 0 else 1
                blocks.add_module(f"block{index}", Residual(inputs, stage["channels"], stride, padding))
                inputs = stage["channels"]
            self.add_module(f"stage{number}", blocks)
        self.output_size = inputs

    def forward(self, images):
        x = F.relu(self.stem(images))
        if self.pooling:
            x = F.max_pool2d(x, 3, 2, 1)
        for name, stage in self.named_children():
            if name.startswith("stage"):
                for block in stage.children():
                    x = block(x)
        return x.mean((2, 3))


class Attention(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.projections = nn.Linear(width, 3 * width)
        self.output = nn.Linear(width, width)
        self.heads = heads

    def forward(self, x, mask):
        batch, length, width = x.shape
        parts = self.projections(x).view(batch, length, 3, self.heads, width // self.heads)
        queries, keys, values = parts.permute(2, 0, 3, 1, 4)
        attended = F.scaled_dot_product_attention(queries, keys, values, attn_mask=mask)
        return self.output(attended.transpose(1, 2).reshape(batch, length, width))


class TransformerBlock(nn.Module):
    def __init__(self, width, heads, activation):
        super().__init__()
        self.attentionNormalization = nn.LayerNorm(width)
        self.attention = Attention(width, heads)
        self.denseNormalization = nn.LayerNorm(width)
        self.expand = nn.Linear(width, 4 * width)
        self.contract = nn.Linear(4 * width, width)
        self.activation = {"gelu": F.gelu, "relu": F.relu}[activation]

    def forward(self, x, mask=None):
        x = x + self.attention(self.attentionNormalization(x), mask)
        return x + self.contract(self.activation(self.expand(self.denseNormalization(x))))


class Transformer(nn.Module):
    def __init__(self, config):
        super().__init__()
        for index in range(config["layers"]):
            self.add_module(f"block{index}", TransformerBlock(config["width"], config["heads"], config["activation"]))
        self.normalization = nn.LayerNorm(config["width"])
        self.output_size = config["width"]

    def blocks(self, x, mask=None):
        for name, block in self.named_children():
            if name.startswith("block"):
                x = block(x, mask)
        return x


class VisionTransformer(Transformer):
    def __init__(self, config, image_size):
        super().__init__(config)
        self.patches = nn.Conv2d(3, config["width"], config["patchSize"], config["patchSize"], bias=False)
        self.classToken = nn.Parameter(torch.zeros(config["width"]))
        self.positions = nn.Parameter(torch.zeros((image_size // config["patchSize"]) ** 2 + 1, config["width"]))

    def forward(self, images):
        patches = self.patches(images).flatten(2).transpose(1, 2)
        tokens = self.classToken.expand(len(images), 1, -1)
        x = self.blocks(torch.cat([tokens, patches], 1) + self.positions)
        return self.normalization(x[:, 0])


class TextTransformer(Transformer):
    def __init__(self, config, vocabulary_size, token_length):
        super().__init__(config)
        self.embedding = nn.Embedding(vocabulary_size, config["width"])
        self.positions = nn.Parameter(torch.zeros(token_length, config["width"]))

    def forward(self, tokens):
        known = tokens >= 0
        x = self.embedding(tokens.clamp(min=0)) + self.positions
        x = self.normalization(self.blocks(x, known[:, None, None, :]))
        return masked_mean(x, known)


class BagOfWords(nn.Module):
    def __init__(self, config, vocabulary_size):
        super().__init__()
        self.embedding = nn.Embedding(vocabulary_size, config["width"])
        inputs = config["width"]
        for index, outputs in enumerate(config["hidden"]):
            self.add_module(f"dense{index}", nn.Linear(inputs, outputs))
            inputs = outputs
        self.output_size = inputs

    def forward(self, tokens):
        x = masked_mean(self.embedding(tokens.clamp(min=0)), tokens >= 0)
        for name, layer in self.named_children():
            if name.startswith("dense"):
                x = F.relu(layer(x))
        return x


def masked_mean(vectors, mask):
    mask = mask.to(vectors.dtype)
    return (vectors * (mask / mask.sum(1, keepdim=True).clamp(min=1))[:, :, None]).sum(1)


def image_tower(config):
    if config["kind"] == "vision-transformer":
        return VisionTransformer(config, case["imageSize"])
    if config["kind"] == "convolutional":
        return ConvolutionalTower(config["stem"], config["stages"], "same", False)
    stages = [
        {"channels": config["width"] * 2**number, "blocks": depth, "stride": 1 if number == 0 else 2}
        for number, depth in enumerate(config["depths"])
    ]
    stem = {"channels": config["width"], "kernelSize": config["stem"]["kernelSize"], "stride": config["stem"]["stride"]}
    return ConvolutionalTower(stem, stages, "symmetric", config["stem"]["pooling"])


def text_tower(config):
    if config["kind"] == "transformer":
        return TextTransformer(config, case["vocabularySize"], case["tokenLength"])
    return BagOfWords(config, case["vocabularySize"])


class DualEncoder(nn.Module):
    def __init__(self, model):
        super().__init__()
        self.image = image_tower(model["image"])
        self.text = text_tower(model["text"])
        self.imageProjection = nn.Linear(self.image.output_size, model["dimension"], bias=False)
        self.textProjection = nn.Linear(self.text.output_size, model["dimension"], bias=False)
        self.logitScale = nn.Parameter(torch.zeros(()))

    def forward(self, images, tokens):
        x = F.normalize(self.imageProjection(self.image(images)), dim=1)
        y = F.normalize(self.textProjection(self.text(tokens)), dim=1)
        logits = self.logitScale.exp() * x @ y.T
        answers = torch.arange(len(logits))
        return (F.cross_entropy(logits, answers) + F.cross_entropy(logits.T, answers)) / 2


def load(model, arrays):
    """Our arrays under PyTorch's names and in its order of axes."""
    words = {"gain": "weight", "mean": "running_mean", "variance": "running_var"}
    state = model.state_dict()
    for name, array in arrays.items():
        *path, last = name.split(".")
        if last == "kernel" and array.dim() == 4:
            target, array = ".".join([*path, "kernel", "weight"]), array.permute(3, 2, 0, 1)
            target = target.replace("patches.kernel.", "patches.")
        elif last == "kernel":
            target, array = ".".join([*path, "weight"]), array.T
        elif last == "table":
            target = ".".join([*path, "weight"])
        else:
            target = ".".join([*path, words.get(last, last)])
        state[target].copy_(array)


def parameter_groups(model):
    named = list(model.named_parameters())
    plain = [p for name, p in named if name.endswith("bias") or "ormalization" in name or name == "logitScale"]
    others = [p for name, p in named if not any(p is each for each in plain)]
    return [{"params": others}, {"params": plain, "weight_decay": 0.0}]


model = DualEncoder(case["model"])
load(model, read_safetensors(folder / "weights.safetensors"))
model.train()
# Channels last is what PyTorch recommends for convolutions on processors, and the quicker one here.
model = model.to(memory_format=torch.channels_last)
settings = case["optimizer"]
optimizer = torch.optim.AdamW(
    parameter_groups(model),
    lr=settings["learningRate"],
    betas=(settings["beta1"], settings["beta2"]),
    eps=settings["epsilon"],
    weight_decay=settings["weightDecay"],
    fused=True,
)
parameters = [p for group in optimizer.param_groups for p in group["params"]]
batch, side, length = case["batchSize"], case["imageSize"], case["tokenLength"]
images = numpy.fromfile(folder / "images.f32", numpy.float32).reshape(-1, batch, side, side, 3)
tokens = numpy.fromfile(folder / "tokens.i32", numpy.int32).reshape(-1, batch, length)
# A data loader would give pictures in the order of axes that the model wants.
pictures = [torch.from_numpy(each).permute(0, 3, 1, 2) for each in images]
pictures = [each.contiguous(memory_format=torch.channels_last) for each in pictures]
texts = [torch.from_numpy(each).long() for each in tokens]
done = 0


def step():
    global done
    place = done % len(pictures)
    done += 1
    loss = model(pictures[place], texts[place])
    optimizer.zero_grad()
    loss.backward()
    torch.nn.utils.clip_grad_norm_(parameters, settings["clipNorm"])
    optimizer.step()
    with torch.no_grad():
        model.logitScale.clamp_(0, math.log(100))
    return loss.item()



def train(steps):
    began = time.perf_counter()
    for _ in range(steps):
        step()
    seconds = time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"examples": steps * batch / seconds, "memory": peak}


losses = [step() for _ in range(case["comparedSteps"])]
(folder / "losses-pytorch.json").write_text(json.dumps(losses))
serve({"train": train}, packages=["torch"])
