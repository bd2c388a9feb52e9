"""A plain PyTorch script: ImageFolder and DataLoader, as in the first tutorial one finds.

python -m tests.benchmarks.plain.from_folder FOLDER --network Assignment --channels 1 --size 50 --batch-size 32
"""

import argparse

import torch
from torch import nn
from torch.utils.data import DataLoader, random_split

from cnn.explain.vision import import_torchvision
from tests.benchmarks.plain import networks

import_torchvision()
from torchvision import datasets, transforms  # noqa: E402

parser = argparse.ArgumentParser()
parser.add_argument("folder")
parser.add_argument("--network", required=True)
parser.add_argument("--channels", type=int, required=True)
parser.add_argument("--size", type=int, required=True)
parser.add_argument("--batch-size", type=int, required=True)
parser.add_argument("--epochs", type=int, required=True)
parser.add_argument("--workers", type=int, default=0)
options = parser.parse_args()

steps = [transforms.Resize((options.size, options.size)), transforms.ToTensor()]
if options.channels == 1:
    steps.insert(0, transforms.Grayscale())
dataset = datasets.ImageFolder(options.folder, transforms.Compose(steps))
train_set, val_set = random_split(dataset, [0.8, 0.2])
train_loader = DataLoader(train_set, options.batch_size, shuffle=True, num_workers=options.workers)
val_loader = DataLoader(val_set, 256, num_workers=options.workers)

torch.manual_seed(0)
network = networks.make(options.network, options.channels, options.size, len(dataset.classes))
optimizer = torch.optim.Adam(network.parameters(), lr=0.001)
loss_function = nn.CrossEntropyLoss()

print("started", flush=True)
for epoch in range(1, options.epochs + 1):
    network.train()
    train_loss, correct = 0.0, 0
    for x, y in train_loader:
        logits = network(x)
        loss = loss_function(logits, y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        train_loss += loss.item() * len(y)
        correct += (logits.argmax(1) == y).sum().item()
    network.eval()
    val_loss, val_correct = 0.0, 0
    with torch.no_grad():
        for x, y in val_loader:
            logits = network(x)
            val_loss += loss_function(logits, y).item() * len(y)
            val_correct += (logits.argmax(1) == y).sum().item()
    print(f"epoch {epoch}: validation loss {val_loss / len(val_set):.4f}", flush=True)
