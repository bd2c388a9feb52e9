import pytest
import torch
from torch import nn

from cnn.specs import TrainingSpec
from cnn.training.optimizers import make_optimizer


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("adam", torch.optim.Adam),
        ("adamw", torch.optim.AdamW),
        ("sgd", torch.optim.SGD),
        ("rmsprop", torch.optim.RMSprop),
    ],
)
def test_the_optimiser_is_pytorchs_with_the_given_rates(name, kind):
    spec = TrainingSpec(learning_rate=0.3, optimizer=name, weight_decay=0.2)
    optimizer = make_optimizer([nn.Linear(2, 2).parameters()], spec)
    assert type(optimizer) is kind
    assert optimizer.defaults["lr"] == 0.3 and optimizer.defaults["weight_decay"] == 0.2
    assert optimizer.defaults.get("momentum") == {"sgd": 0.9, "rmsprop": 0}.get(name)
