"""Three published DCGAN recipes, written anew from their descriptions, for the race.

Each takes grey images in place of its own data. Where an original spends time on what its
mathematics does not need, such as gradients that nobody uses, it gets the cheaper way here; Adam is
the fused one of PyTorch for everybody. Discriminators return logits where originals return
probabilities: the losses are the same numbers.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import nn

from gan_lessons.losses import discriminator_loss, generator_loss
from gan_lessons.networks import init_dcgan


@dataclass
class Published:
    """A recipe, ready to train.

    Parameters
    ----------
    G, D : modules
        G maps (B, z_dim) to images (B, 1, size, size) in [-1, 1], D maps images to logits (B, 1).
    play : function (recipe, real) -> losses of D and G
        One step of both players.
    lr, betas, eps : settings of Adam
    sample_in_eval : bool
        How the original draws its pictures. In train mode, BatchNorm uses the batch of 64 that is
        drawn.
    """

    G: nn.Module
    D: nn.Module
    play: Callable
    size: int
    batch: int
    lr: float
    betas: tuple = (0.5, 0.999)
    eps: float = 1e-8
    z_dim: int = 100
    sample_in_eval: bool = False
    device: str = "cpu"

    def __post_init__(self):
        self.G.to(self.device).train()
        self.D.to(self.device).train()
        self.opt_G, self.opt_D = (
            torch.optim.Adam(net.parameters(), self.lr, self.betas, self.eps, fused=True)
            for net in (self.G, self.D)
        )

    def noise(self, n):
        return torch.randn(n, self.z_dim).to(self.device)

    def step(self, real):
        """Train on one batch of real images (batch, 1, size, size); returns both losses."""
        d_loss, g_loss = self.play(self, real)
        return d_loss.item(), g_loss.item()

    @torch.no_grad()
    def sample(self, n):
        """`n` images of the plain generator, scaled to 28 x 28 pixels, on the CPU."""
        self.G.train(not self.sample_in_eval)
        images = torch.cat([scale(self.G(self.noise(64)).cpu(), 28) for _ in range(-(-n // 64))])
        self.G.train()
        return images[:n]


def scale(images, size):
    """Images (N, 1, H, W) in [-1, 1] at another size, by antialiased bicubic interpolation.

    Bilinear interpolation is more usual, and unfair here: real images that go to 64 x 64 pixels and
    back are at a Fréchet distance of 16 then, and of 4 after this.
    """
    if images.shape[-1] == size:
        return images
    return F.interpolate(images, size=size, mode="bicubic", antialias=True).clamp(-1, 1)


def update(optimiser, loss):
    """A step of one player; the other's weights get no gradient."""
    optimiser.zero_grad()
    loss.backward(inputs=optimiser.param_groups[0]["params"])
    optimiser.step()


def d_then_g(recipe, real):
    """D's step, then G's on the same fakes, which D judges anew."""
    fake = recipe.G(recipe.noise(len(real)))
    d_loss = discriminator_loss(recipe.D(real), recipe.D(fake.detach()))
    update(recipe.opt_D, d_loss)
    g_loss = generator_loss(recipe.D(fake))
    update(recipe.opt_G, g_loss)
    return d_loss, g_loss


def g_then_d(recipe, real):
    """G's step, then D's on the same fakes, with half the loss."""
    fake = recipe.G(recipe.noise(len(real)))
    g_loss = generator_loss(recipe.D(fake))
    update(recipe.opt_G, g_loss)
    d_loss = discriminator_loss(recipe.D(real), recipe.D(fake.detach())) / 2
    update(recipe.opt_D, d_loss)
    return d_loss, g_loss


def together(recipe, real):
    """Both gradients from one pass, then both steps."""
    fake_logits = recipe.D(recipe.G(recipe.noise(len(real))))
    d_loss = discriminator_loss(recipe.D(real), fake_logits)
    g_loss = generator_loss(fake_logits)
    weights_D, weights_G = list(recipe.D.parameters()), list(recipe.G.parameters())
    recipe.opt_D.zero_grad()
    recipe.opt_G.zero_grad()
    g_loss.backward(inputs=weights_G, retain_graph=True)
    d_loss.backward(inputs=weights_D)
    recipe.opt_G.step()
    recipe.opt_D.step()
    return d_loss, g_loss


def pytorch_tutorial(device="cpu"):
    """PyTorch's DCGAN tutorial: 64 x 64 pixels, Radford et al.'s networks with 64 base channels."""
    width = 64
    G, D = [nn.Unflatten(1, (100, 1, 1))], [nn.Conv2d(1, width, 4, 2, 1, bias=False)]
    n_in = 100
    for i, n in enumerate((8 * width, 4 * width, 2 * width, width)):  # 4, 8, 16, 32 pixels
        stride, padding = (1, 0) if i == 0 else (2, 1)
        G += [nn.ConvTranspose2d(n_in, n, 4, stride, padding, bias=False)]
        G += [nn.BatchNorm2d(n), nn.ReLU(inplace=True)]
        n_in = n
    G += [nn.ConvTranspose2d(width, 1, 4, 2, 1, bias=False), nn.Tanh()]
    D += [nn.LeakyReLU(0.2, inplace=True)]
    for n in (width, 2 * width, 4 * width):  # 16, 8, 4 pixels
        D += [nn.Conv2d(n, 2 * n, 4, 2, 1, bias=False), nn.BatchNorm2d(2 * n)]
        D += [nn.LeakyReLU(0.2, inplace=True)]
    D += [nn.Conv2d(8 * width, 1, 4, 1, 0, bias=False), nn.Flatten()]
    G, D = nn.Sequential(*G).apply(init_dcgan), nn.Sequential(*D).apply(init_dcgan)
    return Published(G, D, d_then_g, size=64, batch=128, lr=2e-4, device=device)


def init_keras(module):
    """The defaults of Keras: Glorot's uniform weights, biases of 0."""
    if isinstance(module, nn.Linear | nn.Conv2d | nn.ConvTranspose2d):
        nn.init.xavier_uniform_(module.weight)
        if module.bias is not None:
            nn.init.zeros_(module.bias)


def tensorflow_tutorial(device="cpu"):
    """TensorFlow's DCGAN tutorial: 28 x 28 pixels, 5 x 5 kernels, Keras's defaults."""
    norm = {"eps": 1e-3, "momentum": 0.01}  # Keras counts the momentum the other way: 0.99
    G = nn.Sequential(
        nn.Linear(100, 256 * 7 * 7, bias=False),
        nn.BatchNorm1d(256 * 7 * 7, **norm),
        nn.LeakyReLU(0.3),
        nn.Unflatten(1, (256, 7, 7)),
        nn.ConvTranspose2d(256, 128, 5, stride=1, padding=2, bias=False),
        nn.BatchNorm2d(128, **norm),
        nn.LeakyReLU(0.3),
        nn.ConvTranspose2d(128, 64, 5, stride=2, padding=2, output_padding=1, bias=False),
        nn.BatchNorm2d(64, **norm),
        nn.LeakyReLU(0.3),
        nn.ConvTranspose2d(64, 1, 5, stride=2, padding=2, output_padding=1, bias=False),
        nn.Tanh(),
    )
    D = nn.Sequential(
        nn.Conv2d(1, 64, 5, stride=2, padding=2),
        nn.LeakyReLU(0.3),
        nn.Dropout(0.3),
        nn.Conv2d(64, 128, 5, stride=2, padding=2),
        nn.LeakyReLU(0.3),
        nn.Dropout(0.3),
        nn.Flatten(),
        nn.Linear(128 * 7 * 7, 1),
    )
    return Published(
        G.apply(init_keras),
        D.apply(init_keras),
        together,
        size=28,
        batch=256,
        lr=1e-4,
        betas=(0.9, 0.999),
        eps=1e-7,
        sample_in_eval=True,
        device=device,
    )


def init_convolutions(module):
    """DCGAN's initialisation for all layers but the linear ones."""
    if isinstance(module, nn.Conv2d):
        nn.init.normal_(module.weight, 0.0, 0.02)
    elif isinstance(module, nn.BatchNorm2d):
        init_dcgan(module)


def pytorch_gan(device="cpu"):
    """DCGAN of the repository PyTorch-GAN: 32 x 32 pixels, upsampling and 3 x 3 convolutions in G.

    The 0.8 after BatchNorm's channels stands where PyTorch expects eps, and is kept.
    """
    G = nn.Sequential(
        nn.Linear(100, 128 * 8 * 8),
        nn.Unflatten(1, (128, 8, 8)),
        nn.BatchNorm2d(128),
        nn.Upsample(scale_factor=2),
        nn.Conv2d(128, 128, 3, padding=1),
        nn.BatchNorm2d(128, 0.8),
        nn.LeakyReLU(0.2, inplace=True),
        nn.Upsample(scale_factor=2),
        nn.Conv2d(128, 64, 3, padding=1),
        nn.BatchNorm2d(64, 0.8),
        nn.LeakyReLU(0.2, inplace=True),
        nn.Conv2d(64, 1, 3, padding=1),
        nn.Tanh(),
    )
    D, n_in = [], 1
    for n in (16, 32, 64, 128):  # 16, 8, 4, 2 pixels
        D += [nn.Conv2d(n_in, n, 3, 2, 1), nn.LeakyReLU(0.2, inplace=True), nn.Dropout2d(0.25)]
        D += [nn.BatchNorm2d(n, 0.8)] if n > 16 else []
        n_in = n
    D = nn.Sequential(*D, nn.Flatten(), nn.Linear(128 * 2 * 2, 1))
    G, D = G.apply(init_convolutions), D.apply(init_convolutions)
    return Published(G, D, g_then_d, size=32, batch=64, lr=2e-4, device=device)


RECIPES = {
    "PyTorch tutorial": pytorch_tutorial,
    "TensorFlow tutorial": tensorflow_tutorial,
    "PyTorch-GAN": pytorch_gan,
}
