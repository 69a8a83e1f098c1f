import pytest
import torch

from gan_lessons import latent
from gan_lessons.networks import MLPGenerator


def noise(*size, seed=0):
    return torch.randn(*size, generator=torch.Generator().manual_seed(seed))


def test_slerp_keeps_lengths_and_turns_evenly():
    z0, z1 = torch.nn.functional.normalize(noise(2, 50, 8), dim=2)
    angle = torch.acos((z0 * z1).sum(1))
    for t in (0.0, 0.2, 0.5, 1.0):
        z = latent.slerp(z0, z1, t)
        assert torch.allclose(z.norm(dim=1), torch.ones(50), atol=1e-4)
        assert torch.allclose(torch.acos((z0 * z).sum(1).clamp(-1, 1)), t * angle, atol=2e-3)


def test_slerp_ends_at_its_vectors_whatever_their_lengths():
    z0, z1 = noise(2, 20, 4)
    assert torch.allclose(latent.slerp(z0, 3 * z1, 0.0), z0)
    assert torch.allclose(latent.slerp(z0, 3 * z1, 1.0), 3 * z1, atol=1e-5)
    assert torch.allclose(latent.slerp(z0[0], z1[0], 0.3), latent.slerp(z0, z1, 0.3)[0])


@pytest.mark.parametrize("factor", (1.0, 2.0, -1.0))
def test_slerp_takes_the_line_where_there_is_no_single_arc(factor):
    z = noise(200, 32)
    assert torch.allclose(latent.slerp(z, factor * z, 0.3), (0.7 + 0.3 * factor) * z, atol=1e-2)


def test_slerp_of_a_zero_vector_is_finite_and_ends_there():
    z = noise(5, 3)
    assert latent.slerp(z, 0 * z, 0.5).isfinite().all()
    assert torch.allclose(latent.slerp(z, 0 * z, 1.0), 0 * z, atol=1e-6)


def test_slerp_has_a_gradient_for_parallel_vectors():
    z = noise(5, 3).requires_grad_()
    latent.slerp(z, 2 * z.detach(), 0.5).sum().backward()
    assert z.grad.isfinite().all()


def test_truncate_gives_the_distribution_of_drawing_again():
    z = noise(100_000)
    again, squeezed = z[z.abs() <= 1], latent.truncate(z, 1.0)
    assert squeezed.abs().max() <= 1 and squeezed.dtype == z.dtype
    levels = torch.linspace(0.05, 0.95, 10)
    assert torch.allclose(squeezed.quantile(levels), again.quantile(levels), atol=0.02)
    assert torch.equal(squeezed[:1000].argsort(), z[:1000].argsort())


def test_truncate_far_out_changes_nothing():
    z = noise(1000)
    assert torch.allclose(latent.truncate(z, 8.0), z, atol=1e-5)


def test_direction_is_that_of_scikit_learn():
    from sklearn.linear_model import LogisticRegression

    z = noise(500, 6) + 1
    labels = (z[:, 0] + 0.5 * noise(500, seed=1) > 1.3).long()
    theirs = torch.tensor(LogisticRegression(tol=1e-8, max_iter=1000).fit(z, labels).coef_[0])
    ours = latent.direction(z, labels)
    assert torch.allclose(ours.double(), theirs / theirs.norm(), atol=1e-4)
    assert abs(ours.norm() - 1) < 1e-5 and not ours.requires_grad


def test_direction_of_labels_that_a_plane_separates_is_finite():
    z = noise(100, 3)
    assert latent.direction(z, z[:, 1] > 0)[1] > 0.9


class Images(torch.nn.Module):
    """A generator of images that is quick to invert."""

    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        self.net = MLPGenerator(4, 36, 16)

    def forward(self, z):
        return self.net(z).view(-1, 1, 6, 6)


def test_invert_finds_what_exists_and_leaves_the_generator_alone():
    G = Images()
    x = G(noise(3, 4)).detach()
    torch.manual_seed(1)
    z = latent.invert(G, x, 4)
    assert z.shape == (3, 4) and not z.requires_grad
    assert (G(z) - x).square().mean() < 0.01 * x.var()
    assert all(p.grad is None for p in G.parameters())


def test_more_starts_are_no_worse_and_a_prior_shortens():
    G, x = Images(), noise(4, 1, 6, 6, seed=2)

    def found(**options):
        torch.manual_seed(3)
        return latent.invert(G, x, 4, **options)

    def error(z):
        return (G(z) - x).square().mean(dim=(1, 2, 3))

    assert (error(found(starts=8)) <= error(found(starts=1)) + 1e-3).all()
    assert found(prior=1.0).norm() < found().norm()
