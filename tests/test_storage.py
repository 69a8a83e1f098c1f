import errno
import os

import pytest
import torch

from gan_lessons import data, losses, networks, storage, training


def small(seed=0, width=16):
    torch.manual_seed(seed)
    G, D = networks.MLPGenerator(2, 2, width), networks.MLPDiscriminator(2, width)
    return training.GAN(G, D, losses.VANILLA, 2)


def images(seed=0):
    torch.manual_seed(seed)
    G, D = networks.DCGANGenerator(4, 4), networks.DCGANDiscriminator(4)
    return training.GAN(G, D, losses.DCGAN, 4)


def test_weights_and_notes_come_back(tmp_path):
    a, b = networks.DCGANGenerator(4, 4), networks.DCGANGenerator(4, 4)
    storage.save_weights(tmp_path / "g.safetensors", a, seed=3, command="make it")
    notes = storage.load_weights(tmp_path / "g.safetensors", b)
    assert notes == {"seed": 3, "command": "make it"}
    for x, y in zip(a.state_dict().values(), b.state_dict().values(), strict=True):
        assert torch.equal(x, y)


@pytest.mark.parametrize("make, source", [(small, data.ring()), (images, None)])
def test_a_resumed_run_gives_the_same_numbers(tmp_path, make, source):
    source = source or data.fashion_mnist("test")
    path = tmp_path / "run.safetensors"
    gan, batches = make(), data.batches(source, 8, seed=1)
    history = training.fit(gan, batches, 10, progress=False)
    storage.save_checkpoint(path, gan, batches, history)
    history = training.fit(gan, batches, 10, history=history, progress=False)

    other, its_batches = make(seed=5), data.batches(source, 8, seed=7)
    resumed = storage.load_checkpoint(path, other, its_batches)
    assert len(resumed) == 10
    resumed = training.fit(other, its_batches, 10, history=resumed, progress=False)
    assert resumed.d_loss == history.d_loss and resumed.g_loss == history.g_loss
    assert torch.equal(gan.sample(4), other.sample(4)) is False  # sampling goes on, too
    torch.manual_seed(0)
    a = gan.sample(4)
    torch.manual_seed(0)
    assert torch.equal(a, other.sample(4))


@pytest.mark.parametrize("cut", [0, 5, 100, 400])
def test_a_truncated_file_is_refused_in_one_sentence(tmp_path, cut):
    path = tmp_path / "g.safetensors"
    storage.save_weights(path, networks.MLPGenerator())
    path.write_bytes(path.read_bytes()[:cut])
    with pytest.raises(ValueError, match="not a whole safetensors file"):
        storage.load_weights(path, networks.MLPGenerator())


def test_foreign_weights_are_refused_and_change_nothing(tmp_path):
    path = tmp_path / "g.safetensors"
    storage.save_weights(path, networks.MLPGenerator(width=8))
    for module in (networks.MLPGenerator(width=16), networks.DCGANGenerator()):
        before = [t.clone() for t in module.state_dict().values()]
        with pytest.raises(ValueError, match="another network"):
            storage.load_weights(path, module)
        after = module.state_dict().values()
        assert all(torch.equal(x, y) for x, y in zip(before, after, strict=True))


def test_a_checkpoint_of_another_gan_is_refused(tmp_path):
    path = tmp_path / "run.safetensors"
    gan, batches = small(), data.batches(data.ring(), 8)
    storage.save_checkpoint(path, gan, batches, training.History())
    with pytest.raises(ValueError, match="another GAN"):
        storage.load_checkpoint(path, small(width=32), batches)


def test_weights_are_no_checkpoint(tmp_path):
    path = tmp_path / "g.safetensors"
    storage.save_weights(path, networks.MLPGenerator())
    with pytest.raises(ValueError, match="not a checkpoint"):
        storage.load_checkpoint(path, small(), data.batches(data.ring(), 8))


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match="nothing.safetensors"):
        storage.load_weights(tmp_path / "nothing.safetensors", networks.MLPGenerator())


def test_a_full_disk_leaves_the_old_file_whole(tmp_path, monkeypatch):
    path = tmp_path / "g.safetensors"
    storage.save_weights(path, networks.MLPGenerator(), version=1)

    def full(descriptor):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="could not be saved .*older file is untouched"):
        storage.save_weights(path, networks.MLPGenerator(), version=2)
    assert storage.load_weights(path, networks.MLPGenerator()) == {"version": 1}
    assert [p.name for p in tmp_path.iterdir()] == ["g.safetensors"]


def test_a_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OSError, match="could not be saved"):
        storage.save_weights(tmp_path / "file" / "g.safetensors", networks.MLPGenerator())


@pytest.mark.parametrize("name", ["dcgan", "conditional", "classifier"])
def test_bundled_weights_tell_how_they_were_made(name):
    module = storage.pretrained(name)
    assert not module.training
    assert module.notes["command"].startswith("python -m gan_lessons.studies.bundled")
    assert {"seed", "torch", "machine", "date", "seconds"} <= set(module.notes)


def test_an_unknown_name_lists_the_known_ones():
    with pytest.raises(ValueError, match="dcgan"):
        storage.pretrained("stylegan")


def test_a_stored_table_tells_how_it_was_made():
    assert storage.load_table("clinic")["made_by"]["command"].startswith("python -m gan_lessons.")


def test_a_table_that_is_not_there_gets_the_names_of_those_that_are():
    with pytest.raises(FileNotFoundError, match="'no such'") as error:
        storage.load_table("no such")
    named = str(error.value).partition("there are: ")[2].rstrip(".").split(", ")
    assert named == sorted(path.stem for path in storage.TABLES.glob("*.json")) and named
