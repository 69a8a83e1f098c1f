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
# **You will** check that your machine is ready, draw images from noise, walk from one image to another, and choose a class.
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
print(f"{weights:,} weights; the {len(train):,} training images have {train.images.numel():,} pixels")
for key in ("command", "seed", "seconds", "frechet_distance_5000", "machine", "date"):
    print(f"{key:22s} {G.notes[key]}")

# %% [markdown]
# The last lines say how the weights were made, and how good they are by one measure, the Fréchet distance on 5,000 samples
# (smaller is better; lesson 05 uses it). You can run the command yourself.
#
# Its input is a list of 64 random numbers, called **noise** or $z$. Its output is an image of 28 × 28 pixels, black at −1 and
# white at 1.

# %% tags=["nbval-check-output"]
z = torch.randn(60, 64)  # 60 noise vectors of 64 numbers each
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
# network that was trained for minutes on a laptop's processor, and the course will not hide its misses.
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
# Noise vectors are points in a space of 64 dimensions. Between two points lie others. Take nine equal steps from one to another, and
# give each point on the way to the generator:
#
# $$z(t) = (1 - t)\, z_0 + t\, z_1$$
#
# **Predict.** What stands in the middle between two different things: two pictures laid over each other, or something of its own?

# %%
walks = []
for start, end in ((0, 1), (2, 3), (4, 5)):
    t = torch.linspace(0, 1, 9)[:, None]
    walks.append((1 - t) * z[start] + t * z[end])  # (9, 64)
with torch.no_grad():
    steps = G(torch.cat(walks))
alt = "Three walks, one a row, in nine steps from one noise vector on the left to another on the right."
show.images(steps, columns=9, titles=[f"t={i / 8:.2g}" for i in range(9)], alt=alt)

# %% tags=["nbval-check-output"]
print("t = 0 is the start:", torch.equal(walks[0][0], z[0]))
print("t = 1 is the end:", torch.allclose(walks[0][-1], z[1]))
jump = (steps[1:9] - steps[:8]).abs().mean(dim=(1, 2, 3))  # along the first walk
whole = (steps[8] - steps[0]).abs().mean()
print("each step changes less than the whole walk:", bool((jump < whole).all()))

# %% [markdown]
# **What we saw.** The images change bit by bit. Some of the halfway points are garments of their own; others are dim and undecided. Neither is
# two photos laid over each other. Lesson 08 measures which walks are better.
#
# ## Your hand on the noise
#
# Sixty-four sliders would be too many. So we look for two directions that change the images most: draw many noise vectors, look at the
# features of their images, and ask which directions of $z$ explain the features best (a singular value decomposition of a linear fit).

# %%
many = torch.randn(1000, 64)
with torch.no_grad():
    features = metrics.features(G(many))
effect = torch.linalg.lstsq(many, features - features.mean(dim=0)).solution  # (64 noise, 64 features)
directions = torch.linalg.svd(effect).U[:, :2].T  # (2, 64), of length 1

# %% [markdown]
# Move the sliders with the mouse, or click one and use the arrow keys. (On a page where nothing runs, you see the picture at zero.)

# %%
from gan_lessons import widgets

widgets.latent_sliders(G, directions, z[6:12])

# %% [markdown]
# **What we saw.** Six different starting points move the same way: one direction may make things longer or brighter, another turns tops
# into shoes. Nobody told the generator about such properties. It found them because they help to make clothes.
#
# ## Order by name
#
# This generator gives you what chance brings. A **conditional** generator takes a second input, the class that you want.

# %%
C = storage.pretrained("conditional")
print(f"class accuracy {C.notes['class_accuracy']:.0%}, trained in {C.notes['seconds']} s on two threads")
widgets.class_picker(C, torch.randn(8, 64))

# %% [markdown]
# Choose another class from the list: with the mouse, or with the arrow keys. The eight noise vectors stay the same. Here are all ten
# classes at once, one a row, made from the *same* ten noise vectors in every row:

# %%
labels = torch.arange(10).repeat_interleave(10)  # 0 ten times, 1 ten times, …
with torch.no_grad():
    wardrobe = C(torch.randn(10, 64).repeat(10, 1), labels)
right = int((metrics.predict(wardrobe) == labels).sum())
alt = f"Ten images of each class, one class a row. A classifier recognises {right} of the 100 as the class asked for."
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
# As many as there are noise vectors, in practice without end. How many <em>really</em> different ones is a harder question, and lessons 03 and 04 measure it.
# </details>
#
# ## References
#
# - I. Goodfellow and others: Generative adversarial nets. NeurIPS 2014. Where the game comes from.
# - A. Radford, L. Metz, S. Chintala: Unsupervised representation learning with deep convolutional generative adversarial networks. ICLR 2016.
#   The first generator, and walks in its noise.
# - T. Miyato, M. Koyama: cGANs with projection discriminator. ICLR 2018. How the second generator's opponent sees the label.
