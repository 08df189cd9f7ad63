"""U-Net: what is around a pixel, seen at several scales, decides its class."""

import torch
from torch import nn


class UNet(nn.Module):
    """A small U-Net.

    Parameters
    ----------
    n_bands : of the image
    n_classes : of the map
    width : channels at full resolution; each halving of the resolution doubles them
    depth : how many times the resolution is halved

    References
    ----------
    Ronneberger, Fischer, Brox (2015), U-Net: convolutional networks for biomedical image segmentation,
    arXiv:1505.04597.
    """

    def __init__(self, n_bands: int, n_classes: int, *, width: int = 8, depth: int = 2) -> None:
        super().__init__()
        widths = [width * 2**level for level in range(depth + 1)]
        inputs = [n_bands, *widths[:-1]]
        self.down = nn.ModuleList(_two_convolutions(a, b) for a, b in zip(inputs, widths, strict=True))
        self.up = nn.ModuleList(nn.ConvTranspose2d(2 * w, w, kernel_size=2, stride=2) for w in widths[:-1])
        self.merge = nn.ModuleList(_two_convolutions(2 * w, w) for w in widths[:-1])
        self.head = nn.Conv2d(width, n_classes, kernel_size=1)

    @property
    def step(self) -> int:
        """Pixels that one pixel covers at the coarsest resolution; sides of an image are multiples of it."""
        return 2 ** len(self.up)

    @property
    def reach(self) -> int:
        """How far, in pixels, a pixel may change the class of another, rounded up to a multiple of `step`."""
        down = sum(2 * 2**level for level in range(len(self.down)))
        up = sum(2 * 2**level for level in range(len(self.up)))
        # A pixel at the edge of a coarse one sees as far as the other edge, less itself.
        return -(-(down + up + self.step - 1) // self.step) * self.step

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        """From (n, n_bands, rows, columns) to scores (n, n_classes, rows, columns)."""
        seen = []
        for level, convolve in enumerate(self.down):
            image = convolve(nn.functional.max_pool2d(image, 2) if level else image)
            seen.append(image)
        for level in reversed(range(len(self.up))):
            image = self.merge[level](torch.cat([self.up[level](image), seen[level]], dim=1))
        return self.head(image)


def _two_convolutions(before: int, after: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(before, after, kernel_size=3, padding=1, bias=False),
        nn.BatchNorm2d(after),
        nn.ReLU(inplace=True),
        nn.Conv2d(after, after, kernel_size=3, padding=1, bias=False),
        nn.BatchNorm2d(after),
        nn.ReLU(inplace=True),
    )
