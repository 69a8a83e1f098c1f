# %% [markdown] tags=["colab"]
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/gan-lessons/gan-lessons/blob/main/notebooks/00_meet_a_generator.ipynb)

# %% jupyter={"source_hidden": true} tags=["colab"]
import sys

if "google.colab" in sys.modules:  # anywhere else, the package is installed already
    import subprocess

    package = "git+https://github.com/gan-lessons/gan-lessons"
    subprocess.run([sys.executable, "-m", "pip", "install", "-q", package], check=True)

# %% [markdown]
# # What does a trained generator do?
#
# A **generator** is a function: you give it random numbers, it gives you an image. Someone trained it once; from then on it
# makes as many images as you like, each of them new. In this lesson you run two trained generators, walk around inside them,
# and order clothes by name. How they were trained is the rest of the course.
#
# **You will** check that your machine is ready, draw images from noise, play detective, walk from one image to another, and choose a class.
#
# **You need** nothing but Python. **Minutes** on two CPU cores: 10 to read, less than 1 to run.
#
# This is what you will see below:

# %% tags=["preview"]
from gan_lessons import show

show.preview("00_meet_a_generator")

# %% [markdown]
# ## Is this machine ready?
#
# The doctor looks at everything that the course needs. Each line starts with *ok*, or with *MEND* and the remedy.

# %%
from gan_lessons import runtime

device = runtime.start(seed=0)
ready = runtime.doctor()

# %% tags=["nbval-check-output"]
print("ready for the course:", "yes" if ready else "no, see the lines marked MEND")

# %% [markdown]
# ## A function from noise to images
#
# `pretrained("dcgan")` loads a generator that comes with the course. Look at what it is: weights, nothing else. No image of the
# data set is stored in it.

# %%
import torch

from gan_lessons import data, metrics, storage

G = storage.pretrained("dcgan")
weights = sum(w.numel() for w in G.parameters())
train = data.fashion_mnist("train")
print(
    f"{weights:,} weights; the {len(train):,} training images have {train.images.numel():,} pixels"
)
for key in ("command", "seed", "seconds", "frechet_distance_5000", "machine", "date"):
    print(f"{key:22s} {G.notes[key]}")
floor = metrics.fashion_distance(train.images[:5000])
print(f"the same distance for 5,000 real training images: {floor:.2f}")

# %% [markdown]
# The last lines say how the weights were made, and how good they are by one measure, the Fréchet distance of 5,000 samples to the 5,000 real test images
# (smaller is better; [lesson 05](05_measuring.ipynb) takes it apart). Real images reach the number in the last line; this generator does not. You can run the command yourself.
#
# Its input is a list of 32 random numbers, called **noise** or $z$. Its output is an image of 28 × 28 pixels, black at −1 and
# white at 1.

# %% tags=["nbval-check-output"]
z = torch.randn(60, 32)  # 60 noise vectors of 32 numbers each
with torch.no_grad():  # we only look; nothing learns here
    images = G(z)
print("noise", tuple(z.shape), "-> images", tuple(images.shape))
print("all pixels between -1 and 1:", bool((images.abs() <= 1).all()))

# %% [markdown]
# **Predict.** It was trained on photos of clothes and shoes, in ten classes. How many of the sixty images will you recognise?

# %% tags=["result"]
classes = metrics.predict(images).unique()
alt = (
    f"Sixty images that the generator made from random numbers. A classifier finds "
    f"{len(classes)} of the ten classes of clothes among them."
)
show.images(images, columns=12, alt=alt)

# %% [markdown]
# **What we saw.** Most are clothes that you could name. Some are not: torn, speckled, half one thing and half another. This is a small
# network that was trained for minutes on two processor cores, and the course will not hide its misses.
#
# ## Play detective
#
# **Predict.** Ten of these twenty images are real photos from the test set, ten came from the generator. Write down those that you take for real, such as A3, then
# run the cell after it.

# %%
test = data.fashion_mnist("test")
photos = data.to_float(test.images[torch.randperm(len(test))[:10]])
order = torch.randperm(20)
mixed = torch.cat([photos, images[:10]])[order]
alt = "Twenty images: row A with the numbers 1 to 10, and row B. Ten are real, ten are generated."
show.images(mixed, titles=[str(i) for i in range(1, 11)], row_labels=["A", "B"], alt=alt)

# %%
print("real:", *(f"{'AB'[i // 10]}{i % 10 + 1}" for i in range(20) if order[i] < 10))

# %% [markdown]
# **What we saw.** You just did the job of the generator's opponent, the **discriminator**. What gave the fakes away? Whatever it was, another network looked for just that,
# and the generator was trained to leave it no such clue.
#
# ## The same noise, the same image
#
# The generator itself is not random. All chance is in $z$: run it twice on the same noise and you get the same image.

# %% tags=["nbval-check-output"]
with torch.no_grad():
    again = G(z)
print("the same noise gives the same images:", torch.allclose(images, again, atol=1e-5))
print("two noise vectors, two images:", not torch.allclose(images[0], images[1], atol=0.1))

# %% [markdown]
# ## A walk
#
# Noise vectors are points in a space of 32 dimensions. Between two points lie others. Take ten equal steps from one to another, and
# give each point on the way to the generator:
#
# $$z(t) = (1 - t)\, z_0 + t\, z_1$$
#
# **Predict.** What stands in the middle between two different things: two pictures laid over each other, or something of its own?

# %%
t = torch.linspace(0, 1, 11)[:, None]
rows = []
for start, end in ((0, 1), (2, 3), (4, 5)):
    walk = (1 - t) * z[start] + t * z[end]  # (11, 32)
    with torch.no_grad():
        rows.append(G(walk))
    fade = t[:, :, None, None]
    rows.append((1 - fade) * rows[-1][0] + fade * rows[-1][10])  # two pictures over each other
steps = torch.stack(rows)  # (6, 11, 1, 28, 28)
middle = (steps[0::2, 5] - steps[1::2, 5]).abs().mean(dim=(1, 2, 3)) / 2
alt = "Three walks in ten steps, each above a fade from its first image to its last. In the middle "
alt += (
    f"they differ by {', '.join(f'{m:.0%}' for m in middle)} of the range from black to white, "
    "on average over the pixels."
)
names, times = ["walk", "fade"] * 3, [f"t={i / 10:.1f}" for i in range(11)]
show.images(steps.flatten(0, 1), columns=11, titles=times, row_labels=names, alt=alt)

# %% tags=["nbval-check-output"]
print("t = 0 is the start:", torch.allclose((1 - t[0]) * z[4] + t[0] * z[5], z[4]))
print("t = 1 is the end:", torch.allclose(walk[10], z[5]))
jump = (steps[0, 1:] - steps[0, :-1]).abs().mean(dim=(1, 2, 3))
whole = (steps[0, 10] - steps[0, 0]).abs().mean()
print("each step changes less than the whole walk:", bool((jump < whole).all()))

# %% [markdown]
# **What we saw.** The images change bit by bit. Compare the middle of each walk with the fade below it, where two pictures lie over each other: they are not the same. Some of the halfway points are
# garments of their own; others are dim and undecided. Lesson 08 measures which walks are better.
#
# ## Your hand on the noise
#
# Thirty-two sliders would be too many. So we look for two directions that change the images most: draw many noise vectors, look at the
# features of their images, and ask which directions of $z$ explain the features best (a singular value decomposition of a linear fit).

# %%
many = torch.randn(1000, 32)
with torch.no_grad():
    features = metrics.features(G(many))
effect = torch.linalg.lstsq(
    many, features - features.mean(dim=0)
).solution  # (32 noise, 64 features)
directions, size, _ = torch.linalg.svd(effect)
directions = directions[:, :2].T  # (2, 32), of length 1
share = (size.square() / size.square().sum())[:2]
print(
    f"share of the effect: {share[0]:.0%} and {share[1]:.0%}; "
    f"any direction has {1 / 32:.1%} on average"
)

# %% [markdown]
# Here is one noise vector, moved from −3 to 3 along the first direction, and along the second:

# %%
places = torch.linspace(-3, 3, 7)[:, None]
moved = torch.cat([z[6] + places * direction for direction in directions])  # (14, 32)
with torch.no_grad():
    moved = G(moved)
seen = [data.CLASS_NAMES[i] for i in metrics.predict(moved)]
alt = (
    "One noise vector moved along two directions. A classifier sees, along the first: "
    f"{', '.join(seen[:7])}; along the second: {', '.join(seen[7:])}."
)
titles = [f"{x:+.0f}" for x in places[:, 0]]
show.images(moved, columns=7, titles=titles, row_labels=["first", "second"], alt=alt)

# %% [markdown]
# Now you. Move the sliders with the mouse, or click one and use the arrow keys. (On a page where nothing runs, you see the picture at zero.)

# %%
from gan_lessons import widgets

widgets.latent_sliders(G, directions, z[6:12])

# %% [markdown]
# **What we saw.** Different starting points move in similar ways. Nobody told the generator about such properties: no labels, no list of what clothes differ in. They are
# what training left in its weights.
#
# ## Order by name
#
# This generator gives you what chance brings. A **conditional** generator takes a second input, the class that you want;
# you build one in [lesson 04](04_conditional_gan.ipynb).

# %%
C = storage.pretrained("conditional")
judge = storage.pretrained("classifier").notes["test_accuracy"]
print(f"{C.notes['command']}, seed {C.notes['seed']}, {C.notes['seconds']} s")
print(
    f"a classifier finds the class asked for in {C.notes['class_accuracy']:.1%} of 5,000 samples,"
)
print(f"and the right class in {judge:.1%} of the 5,000 real test images")
widgets.class_picker(C, torch.randn(8, 32))

# %% [markdown]
# Choose another class from the list: with the mouse, or with the Tab key, Space, the arrow keys and Enter. The eight noise vectors stay the same. Here are all ten
# classes at once, one a row, made from the *same* ten noise vectors in every row:

# %%
labels = torch.arange(10).repeat_interleave(10)  # 0 ten times, 1 ten times, …
with torch.no_grad():
    wardrobe = C(torch.randn(10, 32).repeat(10, 1), labels)
right = int((metrics.predict(wardrobe) == labels).sum())
alt = (
    f"Ten images of each class, one class a row. A classifier recognises {right} of the 100 as "
    "the class asked for."
)
show.images(wardrobe, columns=10, row_labels=list(data.CLASS_NAMES), alt=alt)

# %% tags=["nbval-check-output"]
print("at least 70 of 100 are the class asked for:", "yes" if right >= 70 else "no")

# %% [markdown]
# ## What a generator is not
#
# It does not search a collection and it does not paste pieces together: the cell above showed that its weights are far fewer than
# the pixels that it was trained on. It also does not know what a shirt is *for*. It turns noise into images that another network, the
# **discriminator**, could not tell from real ones. That game is [lesson 01](01_the_game.ipynb).
#
# ## Recap
#
# - A generator is a function from noise $z$ to an image. The chance is in $z$, not in the generator.
# - Near noise gives near images; a walk in the noise is a walk through clothes.
# - A conditional generator also takes a label, and gives the class asked for most of the time.
#
# ## Test yourself
#
# <details><summary>1. You call G twice with the same z and get two different images. What is wrong?</summary>
# Something in the network is still random or still learning: most often it is in training mode, where BatchNorm uses the statistics of the batch
# (and Dropout would roll dice). <code>pretrained</code> gives you the network in eval mode.
# </details>
#
# <details><summary>2. Can this generator make an image of a cat?</summary>
# No noise vector gives one. It was trained on ten kinds of clothes, and it learned to make what looks like them.
# </details>
#
# <details><summary>3. How many different images can it make?</summary>
# As many as there are noise vectors, in practice without end. How many <em>really</em> different ones is a harder question, and lessons 05 and 06 measure it.
# </details>
#
# ## References
#
# - I. Goodfellow and others: Generative adversarial nets. NeurIPS 2014. Where the game comes from.
# - A. Radford, L. Metz, S. Chintala: Unsupervised representation learning with deep convolutional generative adversarial networks. ICLR 2016.
#   The first generator, and walks in its noise.
# - T. Miyato, M. Koyama: cGANs with projection discriminator. ICLR 2018. How the second generator's opponent sees the label.
