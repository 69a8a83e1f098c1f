"""The stored tables of lesson 15 hold all seeds, and a part of each comes out again."""

import pytest
import torch

from gan_lessons import storage
from gan_lessons.protocols import media
from gan_lessons.studies import sound_motion_text as study


def test_the_tables_hold_all_seeds():
    for medium in study.MAKE:
        rows = storage.load_table(f"media_{medium}")["rows"]
        for source in {r["source"] for r in rows}:
            assert sorted(r["seed"] for r in rows if r["source"] == source) == list(study.SEEDS)
    rows = storage.load_table("media_text")["rows"]
    for seed in study.TEXT_SEEDS:
        assert study.curve(rows, "GAN", seed).shape == (2, len(study.TEMPERATURES))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("medium", "keys"), [("drums", ("clean", "link")), ("videos", ("path", "shape"))]
)
def test_new_clips_come_out_within_what_the_stored_seeds_say_of_another(medium, keys):
    stored = storage.load_table(f"media_{medium}")["rows"]
    rows = study.of_clips(medium, 30)
    for source in ("GAN", "PCA-Gaussian"):
        for key in keys:
            values = study.values(stored, source, key)
            (found,) = (r[key] for r in rows if r["source"] == source)
            reach = max(4 * values.std().item(), 0.05)
            assert abs(found - values.mean().item()) < reach, (source, key, found)


@pytest.mark.slow
def test_new_texts_come_out_within_what_the_stored_seeds_say_of_another():
    stored, rows = storage.load_table("media_text")["rows"], study.of_text(30)
    for source in ("GAN", "maximum likelihood"):
        values = torch.tensor(
            [media.at_quality(study.curve(stored, source, s)) for s in study.TEXT_SEEDS]
        )
        found = media.at_quality(study.curve(rows, source, 30))
        assert abs(found - values.mean().item()) < max(4 * values.std().item(), 0.05)
