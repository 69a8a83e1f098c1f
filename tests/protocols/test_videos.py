"""Speed, steadiness and form of moving shapes."""

import torch

from gan_lessons.protocols import videos


def test_speed_is_exact_and_what_is_steady_has_no_wobble():
    clips, speed, kind = videos.videos(300, seed=5)
    assert torch.allclose(videos.speed_of(clips), speed.double(), atol=1e-4)
    assert videos.wobble(clips).max() < 1e-4 and videos.flicker(clips).max() < 1e-4
    clear, found = videos.forms(clips)
    assert (found == kind[:, None]).all() and clear.min() > 0.99
    assert all(x.all() for x in videos.video_checks(clips).values())


def test_each_defect_of_a_video_fails_its_own_test():
    clips = videos.videos(50, seed=6)[0]
    dark, swapped = clips.clone(), clips.clone()
    dark[:, :, 4:] = (dark[:, :, 4:] + 1) / 2 - 1
    centre = videos.centres(clips)[1].float()
    kind = videos.forms(clips)[1][:, 0]
    swapped[:, 0, 4:] = 2 * videos.drawn(1 - kind, centre)[:, 4:] * 0.7 - 1
    assert not videos.video_checks(dark)["light"].any()
    assert videos.video_checks(dark)["path"].all()
    assert not videos.video_checks(swapped)["shape"].any()
    assert videos.video_checks(swapped)["clear"].all()
    found = videos.video_checks(videos.shuffled(clips, 0))
    assert found["clear"].all() and found["light"].all() and not found["path"].any()
