"""Attacks of lesson 14: formulas against other libraries, groups, and copies that are found."""

import pytest
import torch
from scipy.stats import mannwhitneyu

from gan_lessons.protocols import privacy
from gan_lessons.protocols.examples import small_images


def test_attack_auc_is_that_of_scipy_with_ties():
    others, members = torch.randint(5, (70,)).float(), torch.randint(2, 7, (30,)).float()
    oracle = mannwhitneyu(members.numpy(), others.numpy()).statistic / (70 * 30)
    assert privacy.attack_auc(others, members) == pytest.approx(oracle)


def test_found_at_one_per_cent_accuses_no_more():
    others = torch.arange(1000.0)
    assert privacy.found_at(others, others) == 0.01
    assert privacy.found_at(others, torch.tensor([989.0, 990.0, 2000.0])) == pytest.approx(2 / 3)
    assert privacy.found_at(torch.zeros(100), torch.zeros(5)) == 0  # ties accuse nobody


def test_groups_share_no_image():
    members, others, reference, odd = privacy.groups(*small_images("fashion"), 3, 50)
    assert [len(part[0]) for part in (members, others, reference, odd)] == [50, 1000, 1000, 999]
    assert all(len(images) == len(labels) for images, labels in (members, others, reference, odd))
    (m, _), (o, _), (r, _), (n, _) = members, others, reference, odd
    # the data set itself holds a few equal images; groups hold different rows of it
    for x, y in ((m, o), (m, r), (m, n), (n, -o)):
        assert (privacy.to_nearest(x, y) == 0).float().mean() < 0.02


def test_copies_fail_the_report_and_are_found():
    members, others, reference, _ = privacy.groups(*small_images("fashion"), 4, 200)
    samples = members[0].repeat(3, 1, 1, 1) + 0.01 * torch.randn(600, 1, 14, 14)
    report = privacy.closeness_report(samples, members[0], others[0])
    assert report["ratio"] < 0.2 and report["closer"] > 0.95

    def blind(images, labels):
        return torch.zeros(len(images), 1)

    inside, outside = (
        privacy.attack_scores(blind, samples, reference[0], *part) for part in (members, others)
    )
    for name, expected in (("discriminator", 0.5), ("nearest", 1.0), ("calibrated", 1.0)):
        assert privacy.attack_auc(outside[name], inside[name]) == pytest.approx(expected, abs=0.02)


def test_noise_makes_copies_pass_the_report_and_the_attack_still_works():
    members, others, reference, _ = privacy.groups(*small_images("fashion"), 4, 200)
    samples = members[0].repeat(3, 1, 1, 1)
    noisy, size = privacy.noise_until_it_passes(samples, members[0], others[0])
    assert size > 0 and privacy.closeness_report(noisy, members[0], others[0])["ratio"] >= 1
    inside, outside = (
        privacy.attack_scores(lambda x, y: torch.zeros(len(x), 1), noisy, reference[0], *part)
        for part in (members, others)
    )
    assert privacy.attack_auc(outside["calibrated"], inside["calibrated"]) > 0.9


def test_too_few_images_for_four_groups_get_a_sentence():
    images, labels = torch.zeros(1500, 1, 8, 8), torch.zeros(1500, dtype=torch.int64)
    with pytest.raises(ValueError, match="need 3,050 images; there are 1,500"):
        privacy.groups(images, labels, 0, 50)


def test_the_gan_of_the_attacks_takes_images_of_any_even_size():
    members = torch.zeros(20, 1, 8, 8) - 0.5, torch.arange(20) % 10
    gan, samples = privacy.trained(members, 0, steps=1)
    assert samples.shape == (privacy.SAMPLES, 1, 8, 8)
