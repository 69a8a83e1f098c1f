import pytest
import torch

from gan_lessons import networks

pairs = {
    "points": (networks.MLPGenerator(z_dim=3), networks.MLPDiscriminator(), 3, (2,), ()),
    "image mlp": (
        networks.ImageMLPGenerator(z_dim=5),
        networks.ImageMLPDiscriminator(),
        5,
        (1, 28, 28),
        (),
    ),
    "dcgan": (networks.DCGANGenerator(7), networks.DCGANDiscriminator(), 7, (1, 28, 28), ()),
    "conditional": (
        networks.ConditionalGenerator(7, 4),
        networks.ConditionalDiscriminator(4),
        7,
        (1, 28, 28),
        (torch.tensor([0, 3, 1]),),
    ),
}


@pytest.mark.parametrize("name", pairs)
def test_shapes_and_gradients(name):
    G, D, z_dim, shape, labels = pairs[name]
    fake = G(torch.randn(3, z_dim), *labels)
    logits = D(fake, *labels)
    assert fake.shape == (3, *shape) and logits.shape == (3, 1)
    logits.sum().backward()
    assert all(p.grad is not None and p.grad.isfinite().all() for p in G.parameters())


@pytest.mark.parametrize("name", ["image mlp", "dcgan", "conditional"])
def test_images_lie_in_the_range_of_tanh(name):
    G, _, z_dim, _, labels = pairs[name]
    images = G(10 * torch.randn(3, z_dim), *labels)
    assert images.min() >= -1 and images.max() <= 1


def test_conditional_networks_use_their_labels():
    G, D, *_ = pairs["conditional"]
    G.eval(), D.eval()
    z, a, b = torch.randn(2, 7), torch.tensor([0, 1]), torch.tensor([2, 3])
    assert not torch.allclose(G(z, a), G(z, b))
    assert not torch.allclose(D(G(z, a), a), D(G(z, a), b))


def test_dcgan_weights_start_small():
    G = networks.DCGANGenerator(64)
    for module in G.modules():
        if isinstance(module, torch.nn.ConvTranspose2d):
            assert module.weight.std().item() == pytest.approx(0.02, rel=0.15)


def test_bundled_files_are_small():
    from gan_lessons.data import ASSETS

    for path in ASSETS.glob("*.safetensors"):
        assert path.stat().st_size <= 2_000_000, path.name
