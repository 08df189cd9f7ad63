"""The weights of a torch module, taken out and put back."""

from collections.abc import Mapping
from typing import TypeVar

import torch
from torch import nn

UNTRAINED = "Le réseau n'est pas entraîné : appelez d'abord fit."
Network = TypeVar("Network", bound=nn.Module)

_PREFIX = "network."


def parameter_count(network: nn.Module) -> int:
    """Number of weights that training adjusts."""
    return sum(weight.numel() for weight in network.parameters() if weight.requires_grad)


def network_tensors(network: nn.Module) -> dict[str, torch.Tensor]:
    """Every tensor of a module, copied to the processor, each under a name that starts with `network.`."""
    return {f"{_PREFIX}{name}": tensor.cpu().contiguous() for name, tensor in network.state_dict().items()}


def restored(network: Network, tensors: Mapping[str, torch.Tensor]) -> Network:
    """Put tensors back in a module that has the same layers; RuntimeError if it has not."""
    mine = {name.removeprefix(_PREFIX): found for name, found in tensors.items() if name.startswith(_PREFIX)}
    network.load_state_dict(mine)
    return network.eval()
