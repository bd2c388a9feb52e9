"""A plain PyTorch script: all images as float32 tensors in memory, a bare loop over them, everything as it comes.

python -m tests.benchmarks.plain.in_memory IMAGES.npz LOSSES.npy --network Assignment --batch-size 32 --epochs 4
"""

import argparse

import numpy as np
import torch
from torch import nn

from tests.benchmarks.plain import networks

parser = argparse.ArgumentParser()
parser.add_argument("images", help="an .npz with images (N, H, W, C), labels, and the indices train and val")
parser.add_argument("losses", help="the .npy to write the loss of each step into")
parser.add_argument("--network", required=True)
parser.add_argument("--batch-size", type=int, required=True)
parser.add_argument("--epochs", type=int, required=True)
options = parser.parse_args()

data = np.load(options.images)
images = torch.from_numpy(data["images"]).permute(0, 3, 1, 2).float() / 255
images = torch.stack(list(images))  # as a stack of what ToTensor gives: of one channel, permute alone is channels-last
labels = torch.from_numpy(data["labels"])
train_images, train_labels = images[data["train"]], labels[data["train"]]
val_images, val_labels = images[data["val"]], labels[data["val"]]

torch.manual_seed(0)
network = networks.make(options.network, images.shape[1], images.shape[2], int(labels.max()) + 1)
optimizer = torch.optim.Adam(network.parameters(), lr=0.001)
loss_function = nn.CrossEntropyLoss()

losses = []
print("started", flush=True)
for epoch in range(1, options.epochs + 1):
    network.train()
    order = torch.from_numpy(np.random.default_rng([0, epoch]).permutation(len(train_images)))
    correct = 0
    for batch in order.split(options.batch_size):
        x, y = train_images[batch], train_labels[batch]
        logits = network(x)
        loss = loss_function(logits, y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
        correct += (logits.argmax(1) == y).sum().item()
    network.eval()
    val_loss, val_correct = 0.0, 0
    with torch.no_grad():
        for x, y in zip(val_images.split(256), val_labels.split(256), strict=True):
            logits = network(x)
            val_loss += loss_function(logits, y).item() * len(y)
            val_correct += (logits.argmax(1) == y).sum().item()
    print(f"epoch {epoch}: validation loss {val_loss / len(val_labels):.4f}", flush=True)
np.save(options.losses, losses)
