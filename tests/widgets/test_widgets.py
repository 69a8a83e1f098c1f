"""The playground and the dashboard without a browser and without a kernel."""

import asyncio
import io
import math
import sys

import pytest
import torch
from PIL import Image

from gan_lessons import data, losses, networks, training, widgets
from gan_lessons.widgets import frames, presets
from gan_lessons.widgets.game import Game, sliced_wasserstein
from gan_lessons.widgets.presets import OWN, PRESETS, Settings


def size(png):
    return Image.open(io.BytesIO(png)).size


def weights(module):
    return torch.cat([p.detach().flatten() for p in module.parameters()])


@pytest.mark.parametrize("loss", presets.LOSSES)
def test_settings_become_the_recipe(loss):
    settings = Settings(loss=loss, lr_d=3e-4, lr_g=7e-4, d_steps=3)
    recipe, base = settings.recipe(), presets.LOSSES[loss][1]()
    assert (recipe.lr_d, recipe.lr_g, recipe.d_steps) == (3e-4, 7e-4, 3)
    assert recipe.betas == base.betas and recipe.penalty is base.penalty


@pytest.mark.parametrize("labels", [False, True])
@pytest.mark.parametrize("loss", presets.LOSSES)
def test_the_code_trains_the_same_networks(loss, labels, capsys):
    changes = {"data": OWN if loss == "hinge" else "grid", "loss": loss, "labels": labels}
    settings = Settings(**changes, lr_g=2e-3, d_steps=2, width=16, z_dim=1)
    game, space = Game(settings, seed=3), {}
    for _ in range(4):
        game.round()
    exec(settings.code(steps=4, seed=3), space)  # what a learner does with it
    assert space["gan"].opt_G.param_groups[0]["lr"] == 2e-3
    torch.testing.assert_close(weights(space["gan"].G), weights(game.gan.G))
    torch.testing.assert_close(space["history"].d_loss, game.d_loss)


def test_a_change_keeps_the_networks_and_another_width_does_not():
    game = Game(Settings(width=8))
    game.round()
    G = game.gan.G
    for loss in presets.LOSSES:
        game.change(Settings(width=8, loss=loss, lr_g=0.01, data="spiral"))
        game.step_g()  # also where G's loss needs what D saw last
    assert game.gan.G is G and game.gan.opt_G.param_groups[0]["lr"] == 0.01
    game.change(Settings(width=16))
    assert game.gan.steps == 0 and "Nothing is trained yet" in game.sentence()


def test_with_labels_each_player_sees_the_mode_and_the_picture_shows_one():
    game = Game(Settings(labels=True))
    for _ in range(300):
        game.round()
    game.look()
    assert game.right > 0.9 and "mode asked for" in game.sentence()
    first = frames.frame(game)
    game.shown = 7
    assert frames.frame(game) != first
    game.change(Settings(labels=True, lr_g=1e-4))
    assert game.gan.steps == 300
    game.change(Settings(labels=True, data=OWN))  # three modes: other networks
    assert game.gan.steps == 0 and game.shown == 2
    assert size(frames.frame(game)) == frames.SIZE


@pytest.mark.parametrize("z_dim", [1, 2, 4])
def test_a_frame_has_its_size_also_with_losses_that_are_no_numbers(z_dim):
    game = Game(Settings(width=8, z_dim=z_dim, data=OWN))
    assert size(frames.frame(game)) == frames.SIZE
    game.round()
    game.look()
    assert "of 3 modes covered" in game.sentence()
    with torch.no_grad():
        game.gan.G.net[0].weight.fill_(float("nan"))
    game.round()
    game.look()
    assert size(frames.frame(game)) == frames.SIZE
    assert not game.alive and "no longer a number" in game.sentence()


def test_points_are_read_or_refused_in_a_sentence():
    assert presets.parse("0 1; -0.5, .25;") == [[0, 1], [-0.5, 0.25]]
    for wrong in ("", "1", "1 2 3", "a b", "5 0", "nan 0"):
        with pytest.raises(ValueError, match="point|outside"):
            presets.parse(wrong)


def test_the_distance_is_zero_for_the_same_points_and_grows_with_a_shift():
    x = torch.randn(300, 2)
    assert sliced_wasserstein(x, x) == 0
    assert sliced_wasserstein(x, x + torch.tensor([1.0, 0.0])) == pytest.approx(
        2 / math.pi, abs=0.01
    )


def test_without_a_kernel_it_shows_a_picture_and_starts_nothing(capsys):
    state = torch.get_rng_state()
    play = widgets.playground("healthy", steps=20, width=8)
    assert torch.equal(state, torch.get_rng_state())
    play.start.click()
    assert play.task is None
    assert "Step 20" in capsys.readouterr().out
    play.controls["lr_g"].value = 0.01
    play.controls["preset"].value = "mode collapse"
    assert play.settings == play.game.settings == PRESETS["mode collapse"]
    play.controls["points"].value = "9 9"
    assert "outside" in play.note.value


def test_the_task_ends_with_pause_with_another_playground_and_alone(monkeypatch):
    module = sys.modules["gan_lessons.widgets.playground"]  # the package's name is the function
    monkeypatch.setattr(module, "loop_of_kernel", asyncio.get_running_loop)

    async def scene():
        first = widgets.Playground(Settings(width=8))
        first.start_or_pause()
        await asyncio.sleep(0.3)
        assert first.game.gan.steps > 0 and first.task is not None
        second = widgets.Playground(Settings(width=8))
        assert first.task is None
        first.start_or_pause()
        second.start_or_pause()
        assert first.task is None and second.task is not None
        second.touched -= 1000
        await asyncio.sleep(0.5)
        assert second.task is None and second.start.description == "Start"
        second.start_or_pause()
        second.close()
        await asyncio.sleep(0.05)
        assert asyncio.all_tasks() == {asyncio.current_task()}

    asyncio.run(scene())


def run(board, steps=6, seed=0):
    torch.manual_seed(seed)
    G, D = networks.MLPGenerator(width=8), networks.MLPDiscriminator(width=8)
    gan = training.GAN(G, D, losses.VANILLA, 2)
    history = training.fit(gan, data.batches(data.ring(), 16), steps, board, progress=False)
    return gan, history


def test_a_run_with_a_dashboard_is_the_same_run(capsys):
    board = widgets.Dashboard(6, metric=lambda gan: gan.sample(9).std().item(), every=0)
    assert run(None)[1].g_loss == run(board)[1].g_loss
    assert size(board.picture.value) == frames.SIZE
    assert "Step 6, finished" in board.sentence.value and "s left" not in board.sentence.value


def test_the_dashboard_sets_a_rate_and_stops(capsys):
    board = widgets.Dashboard(100)

    def on_step(step, gan, history):
        if step == 1:
            board.rates["G"] = 0.5
        if step == 3:
            board.stop.click()
        return board(step, gan, history)

    gan, history = run(on_step, 100)
    assert len(history) == 4 and gan.opt_G.param_groups[0]["lr"] == 0.5


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("preset", PRESETS)
def test_a_preset_shows_what_its_name_says(preset, seed):
    shown = Game(PRESETS[preset], seed)
    centre = []
    for step in range(1, 501):
        shown.round()
        if step > 200 and step % 10 == 0:
            shown.look()
            centre.append(shown.fake.mean(dim=0))
    covered = [modes for _, modes, _, _ in shown.measured[-20:]]
    path = torch.stack(centre).diff(dim=0).norm(dim=1).sum()
    print(preset, seed, covered, f"share {shown.modes.share:.2f}, D {shown.last_d:.3f}, {path:.1f}")
    if preset == "healthy":
        assert min(covered) >= 7 and shown.modes.share > 0.4 and path < 6
    elif preset == "mode collapse":
        assert max(covered) <= 3
    elif preset == "D too strong":
        assert max(covered) <= 1 and shown.last_d < 0.1
    else:
        assert path > 8 and centre[0].abs().max() < 3  # it wanders, and stays in the picture
