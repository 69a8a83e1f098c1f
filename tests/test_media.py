"""The measures, models and stored tables of lesson 15."""

import math

import numpy as np
import pytest
import torch

from gan_lessons import training
from gan_lessons.studies import common, media, media_drums, media_text, media_video


def test_pitch_and_decay_of_known_drums_are_found():
    clips, pitch, decay = media_drums.drums(300, seed=5)
    assert clips.shape == (300, 1, 1024) and clips.abs().max() <= 1
    assert ((media_drums.pitch_of(clips) / pitch - 1).abs() < 0.01).all()
    assert ((media_drums.decay_of(clips) / decay - 1).abs() < 0.08).all()


def test_decay_equals_a_fitted_line():
    clips = media_drums.drums(5, seed=1)[0]
    for clip, found in zip(clips, media_drums.decay_of(clips), strict=True):
        energy = (clip[0].double().numpy()[:960].reshape(12, 80) ** 2).sum(axis=1)
        slope = np.polyfit(np.arange(2, 8) * 0.01, np.log(energy[2:8] + 1e-8), 1)[0]
        assert found.item() == pytest.approx(-2 / slope)


def test_two_drums_at_once_are_not_clean():
    one, other = media_drums.drums(1, seed=1)[0], media_drums.drums(1, seed=3)[0]
    pitches = [media_drums.pitch_of(x).item() for x in (one, other)]
    assert abs(pitches[0] - pitches[1]) > 60
    assert media_drums.tone_share(one) > 0.85 > media_drums.tone_share((one + other) / 2)


def test_speed_is_exact_and_what_is_steady_has_no_wobble():
    clips, speed, kind = media_video.videos(300, seed=5)
    assert torch.allclose(media_video.speed_of(clips), speed.double(), atol=1e-4)
    assert media_video.wobble(clips).max() < 1e-4 and media_video.flicker(clips).max() < 1e-4
    clear, found = media_video.forms(clips)
    assert (found == kind[:, None]).all() and clear.min() > 0.99
    assert all(x.all() for x in media_video.video_checks(clips).values())


def test_each_defect_of_a_video_fails_its_own_test():
    clips = media_video.videos(50, seed=6)[0]
    dark, swapped = clips.clone(), clips.clone()
    dark[:, :, 4:] = (dark[:, :, 4:] + 1) / 2 - 1
    centre = media_video.centres(clips)[1].float()
    kind = media_video.forms(clips)[1][:, 0]
    swapped[:, 0, 4:] = 2 * media_video.drawn(1 - kind, centre)[:, 4:] * 0.7 - 1
    assert not media_video.video_checks(dark)["light"].any()
    assert media_video.video_checks(dark)["path"].all()
    assert not media_video.video_checks(swapped)["shape"].any()
    assert media_video.video_checks(swapped)["clear"].all()
    found = media_video.video_checks(media_video.shuffled(clips, 0))
    assert found["clear"].all() and found["light"].all() and not found["path"].any()


def test_the_grammar_is_what_the_lesson_says():
    texts = media_text.sentences()
    assert len(texts.unique(dim=0)) == 1296 and media_text.valid(texts).all()
    number = {w: i for i, w in enumerate(media_text.WORDS)}

    def right(text):
        return media_text.valid(torch.tensor([[number[w] for w in text.split()]])).item()

    assert right("this old dog sees two birds") and right("two old dogs see every cat")
    assert not right("this old dogs see two birds")  # determiner and noun
    assert not right("this old dog see two birds")  # noun and verb
    assert not right("this old dog sees two dogs")  # its own kind
    assert not right("this dog old sees two birds")
    parts = media_text.split(300, seed=1)
    assert len(set(media_text.codes(torch.cat(parts)).tolist())) == 1296


def test_scores_of_known_sets_of_sentences():
    train, rest = media_text.split(300, seed=0)
    copies = media_text.text_scores(train, train)
    assert copies["valid"] == 1 and copies["new"] == 0
    fair = media_text.sentences()[torch.randint(1296, (2000,))]
    assert media_text.text_scores(fair, train)["variety"] == pytest.approx(1, abs=0.05)
    assert media_text.text_scores(fair, train)["new"] == pytest.approx(996 / 1296, abs=0.05)
    one = media_text.text_scores(rest[:1].expand(2000, -1), train)
    assert one["valid"] == one["new"] == 1 and one["variety"] < 0.001


def test_gumbel_draws_follow_the_softmax_and_agree_with_torch():
    torch.manual_seed(0)
    logits = torch.randn(7)
    many = logits.expand(60_000, 7)
    shares = media_text.straight_through(many, 0.7).mean(dim=0)
    oracle = torch.nn.functional.gumbel_softmax(many, tau=0.7, hard=True).mean(dim=0)
    assert torch.allclose(shares, logits.softmax(0), atol=0.01)
    assert torch.allclose(shares, oracle, atol=0.015)


def test_a_writer_writes_what_its_logits_say():
    torch.manual_seed(0)
    model, z = media_text.Writer(), torch.zeros(30_000, 8)
    with torch.no_grad():
        texts = model(z, temperature=0.8).argmax(dim=2)
        chance = (model.logits(texts[:1]) / 0.8).softmax(dim=2)[0]
    assert torch.allclose(torch.bincount(texts[:, 0], minlength=19) / 3e4, chance[0], atol=0.012)
    same = texts[texts[:, 0] == texts[0, 0]]
    after = torch.bincount(same[:, 1], minlength=19) / len(same)
    assert torch.allclose(after, chance[1], atol=0.05)


def test_n_grams_count():
    texts = torch.tensor([[0, 6, 9, 15, 3, 12], [0, 6, 10, 15, 3, 12], [0, 7, 9, 15, 3, 12]])
    model = media_text.NGram(texts, 2, extra=1e-9)
    torch.manual_seed(0)
    made = model.write(3000)
    assert (made[:, 0] == 0).all()
    assert (made[:, 1] == 6).double().mean() == pytest.approx(2 / 3, abs=0.04)
    assert (made[made[:, 1] == 7, 2] == 9).all()


def test_pca_gaussian_has_the_mean_and_the_variance_of_the_data():
    torch.manual_seed(0)
    clips = 0.1 * torch.randn(4000, 1, 6) * torch.tensor([3.0, 2, 1, 1, 0.5, 0.1]) + 0.1
    made = media.pca_gaussian(clips, 20_000, seed=0, share=0.999)
    assert torch.allclose(made.mean(0), clips.mean(0), atol=0.01)
    cov = [torch.cov(x.flatten(1).T) for x in (made, clips)]
    assert torch.allclose(*cov, atol=0.004)


def test_novelty_of_copies_and_of_fresh_clips():
    train, fresh, other = (media_drums.drums(300, seed=i)[0] for i in range(3))
    assert media.novelty(train[:50].clone(), train, fresh) < 0.01
    assert media.novelty(other, train, fresh) == pytest.approx(1, abs=0.1)
    assert torch.equal(media.nearest(train[:9] + 1e-4, train), train[:9])


def test_variety_at_a_quality_is_read_between_two_temperatures():
    points = torch.tensor([[1.0, 0.96, 0.94, 0.5], [0.1, 0.4, 0.6, 0.9]])
    assert media.at_quality(points) == pytest.approx(0.5)
    assert math.isnan(media.at_quality(points * torch.tensor([[0.5], [1.0]])))
    assert media.at_quality(torch.tensor([[1.0, 0.99], [0.2, 0.3]])) == pytest.approx(0.3)


def test_gap_equals_scipys_wasserstein_distance():
    from scipy.stats import wasserstein_distance

    a, b = torch.randn(200), 2 * torch.randn(200) + 1
    assert media.gap(a, b) == pytest.approx(wasserstein_distance(a.numpy(), b.numpy()), rel=1e-5)


@pytest.mark.parametrize("medium", media.PARTS)
def test_every_gan_trains_and_gives_samples(medium):
    if medium == "text":
        real = media.one_hot(media_text.split(64, 0)[0])
    else:
        real = media.MAKE[medium](64, 0)[0]
    gan = media.trained(medium, real, seed=0, steps=2)
    assert isinstance(gan, training.GAN)
    assert gan.sample(3).shape == (3, *real.shape[1:])


def test_the_tables_hold_all_seeds():
    for medium in media.MAKE:
        rows = common.load(f"media_{medium}")["rows"]
        for source in {r["source"] for r in rows}:
            assert sorted(r["seed"] for r in rows if r["source"] == source) == list(media.SEEDS)
    rows = common.load("media_text")["rows"]
    for seed in media.TEXT_SEEDS:
        assert media.curve(rows, "GAN", seed).shape == (2, len(media.TEMPERATURES))


@pytest.mark.slow
def test_a_part_of_the_tables_comes_out_again():
    """A new seed of each medium, within what the stored seeds say of another."""
    for medium, keys in (("drums", ("clean", "link")), ("videos", ("path", "shape"))):
        stored = common.load(f"media_{medium}")["rows"]
        rows = media.of_clips(medium, 30)
        for source in ("GAN", "PCA-Gaussian"):
            for key in keys:
                values = media.values(stored, source, key)
                (found,) = (r[key] for r in rows if r["source"] == source)
                reach = max(4 * values.std().item(), 0.05)
                assert abs(found - values.mean().item()) < reach, (medium, source, key, found)
    stored, rows = common.load("media_text")["rows"], media.of_text(30)
    for source in ("GAN", "maximum likelihood"):
        values = torch.tensor(
            [media.at_quality(media.curve(stored, source, s)) for s in media.TEXT_SEEDS]
        )
        found = media.at_quality(media.curve(rows, source, 30))
        assert abs(found - values.mean().item()) < max(4 * values.std().item(), 0.05)
