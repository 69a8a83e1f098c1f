"""Pitch, decay and tone of synthetic drums."""

import numpy as np
import pytest

from gan_lessons.protocols import drums


def test_pitch_and_decay_of_known_drums_are_found():
    clips, pitch, decay = drums.drums(300, seed=5)
    assert clips.shape == (300, 1, 1024) and clips.abs().max() <= 1
    assert ((drums.pitch_of(clips) / pitch - 1).abs() < 0.01).all()
    assert ((drums.decay_of(clips) / decay - 1).abs() < 0.08).all()


def test_decay_equals_a_fitted_line():
    clips = drums.drums(5, seed=1)[0]
    for clip, found in zip(clips, drums.decay_of(clips), strict=True):
        energy = (clip[0].double().numpy()[:960].reshape(12, 80) ** 2).sum(axis=1)
        slope = np.polyfit(np.arange(2, 8) * 0.01, np.log(energy[2:8] + 1e-8), 1)[0]
        assert found.item() == pytest.approx(-2 / slope)


def test_two_drums_at_once_are_not_clean():
    one, other = drums.drums(1, seed=1)[0], drums.drums(1, seed=3)[0]
    pitches = [drums.pitch_of(x).item() for x in (one, other)]
    assert abs(pitches[0] - pitches[1]) > 60
    assert drums.tone_share(one) > 0.85 > drums.tone_share((one + other) / 2)
