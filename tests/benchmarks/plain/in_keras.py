"""The network of the tutorial's notebook in Keras, with the assignment's sizes: 16 filters, 16 dense units, and the
ReLU after them that the notebook forgets.

python -m tests.benchmarks.plain.in_keras SEED.npz ... --epochs 10

Needs the package tensorflow-cpu. Prints a line of JSON for each file: the held-out accuracy after each epoch.
"""

import argparse
import json
from pathlib import Path

import keras
import numpy as np
import tensorflow
from keras import layers

parser = argparse.ArgumentParser()
parser.add_argument("files", nargs="+", help=".npz with images (N, H, W, C), labels, the indices train and val, seed")
parser.add_argument("--epochs", type=int, required=True)
options = parser.parse_args()

tensorflow.config.threading.set_intra_op_parallelism_threads(1)
tensorflow.config.threading.set_inter_op_parallelism_threads(1)

for file in map(Path, options.files):
    data = np.load(file)
    images, labels = data["images"].astype(np.float32) / 255, data["labels"]
    train, val, classes = data["train"], data["val"], int(labels.max()) + 1
    keras.utils.set_random_seed(int(data["seed"]))
    last = [layers.Dense(1, activation="sigmoid")] if classes == 2 else [layers.Dense(classes, activation="softmax")]
    network = keras.Sequential(
        [
            layers.Input(images.shape[1:]),
            layers.Conv2D(16, (3, 3), activation="relu"),
            layers.MaxPooling2D((2, 2)),
            layers.Conv2D(16, (3, 3), activation="relu"),
            layers.MaxPooling2D((2, 2)),
            layers.Flatten(),
            layers.Dense(16, activation="relu"),
            *last,
        ]
    )
    loss = "binary_crossentropy" if classes == 2 else "sparse_categorical_crossentropy"
    network.compile(loss=loss, optimizer="adam", metrics=["accuracy"])
    held_out = images[val], labels[val]
    history = network.fit(
        images[train], labels[train], batch_size=32, epochs=options.epochs, validation_data=held_out, verbose=0
    )
    print(json.dumps({"file": file.name, "accuracy": history.history["val_accuracy"]}), flush=True)
    keras.backend.clear_session()
