# %% [markdown] tags=["colab"]
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/gan-lessons/gan-lessons/blob/main/exercises/solutions/15_sound_motion_text.ipynb)

# %% jupyter={"source_hidden": true} tags=["colab"]
import sys

if "google.colab" in sys.modules:  # anywhere else, the package is installed already
    import subprocess

    package = "git+https://github.com/gan-lessons/gan-lessons"
    subprocess.run([sys.executable, "-m", "pip", "install", "-q", package], check=True)

# %% [markdown]
# # Exercise 15: measure what you hear, see and read
#
# You write three measures that no ear or eye replaces, and the two functions by which a network chooses words. It belongs to lesson 15; all data is synthetic. **Minutes** on two CPU cores: 50 to work, less than 1 to run.
#
# In each task, replace `...` with your code, run the cell, and run the check below it. The check says what is wrong, and `checks.hint("name")` gives a hint; there are three for each task.
#
# This is the end result: sentences of a small language model at temperatures from cold to hot, by your function.

# %% tags=["preview"]
from gan_lessons import show

show.preview("exercise_15_sound_motion_text")

# %%
import torch
import torch.nn.functional as F

from gan_lessons import checks, runtime
from gan_lessons.protocols import media, sentences
from gan_lessons.protocols.drums import RATE, drums
from gan_lessons.protocols.videos import centres, shuffled, videos
from gan_lessons.show import media as play

device = runtime.start(seed=0)
train, fresh = drums(2000, seed=0)[0], drums(300, seed=1)[0]


def passed(name, mine):
    """Whether the learner's answer passes its check."""
    return checks.check(name, mine).status == "passed"


# %% [markdown]
# ## Task 1: how long does it ring?
#
# The energy of a tone that dies away falls as $e^{-2t/\tau}$. So $\log E$ falls along a line with the slope $-2/\tau$.
#
# Write `decay_times(clips, rate)`. It returns $\tau$ in seconds for each clip: a tensor of shape (N,).
#
# - `clips` has shape (N, T), float32; `rate` is the number of samples in a second.
# - Cut each clip from its start into blocks of 80 samples; what is left over at the end is not used. $E_k$ is the sum of the squared samples of block $k$, and block $k$ lies at $t_k = 80\,k / \text{rate}$ seconds.
# - Fit a line to the natural logarithms $\log E_k$ over $t_k$ by least squares, with *all* whole blocks. Then $\tau = -2 / \text{slope}$. No block is silent.


# %%
def decay_times(clips, rate):
    """Decay time of each clip in seconds: (N,)."""
    ### BEGIN SOLUTION
    k = clips.shape[1] // 80
    log_energy = clips[:, : 80 * k].double().unflatten(1, (k, 80)).square().sum(dim=2).log()
    t = torch.arange(k, dtype=torch.float64) * 80 / rate
    t = t - t.mean()
    return -2 / ((log_energy * t).sum(dim=1) / t.square().sum())
    ### END SOLUTION


# %% tags=["nbval-check-output"]
checks.decay_times(decay_times)

# %% [markdown]
# Listen to four drums, or read their numbers. Predict: does your function see the decay that they were made with? Only the part from 20 to 80 ms is used: before it there is noise and a falling pitch, after it little is left.

# %%
clips, pitch, decay = drums(4, seed=5)
if passed("decay_times", decay_times):
    found = decay_times(clips[:, 0, 160:640], RATE)
    each = ", ".join(f"{1000 * a:.0f} ms (made with {1000 * b:.0f})" for a, b in zip(found, decay, strict=True))
    play.player(clips, RATE, f"Four synthetic drums of 0.13 s. Decay times: {each}.")

# %% [markdown]
# ## Task 2: speed and wobble
#
# Write `motion(centres)`. It returns two tensors, `speed` and `wobble`, each of shape (N,).
#
# - `centres` has shape (N, T, 2): where something is in each of T frames, in pixels. The steps are $d_t = c_{t+1} - c_t$; there are T − 1.
# - `speed` is the mean length of the steps.
# - `wobble` is $\sqrt{\frac{1}{T-1} \sum_t \lVert d_t - \bar d \rVert^2}$, with $\bar d$ the mean step of the clip.


# %%
def motion(centres):
    """Speed and wobble of each clip, (N,) and (N,)."""
    ### BEGIN SOLUTION
    steps = centres.diff(dim=1)
    off = steps - steps.mean(dim=1, keepdim=True)
    return steps.norm(dim=2).mean(dim=1), off.square().sum(dim=2).mean(dim=1).sqrt()
    ### END SOLUTION


# %% tags=["nbval-check-output"]
checks.motion(motion)

# %% [markdown]
# A steady clip, and the same frames in another order. Predict which of the two numbers changes more.

# %%
steady = videos(1, seed=3)[0]
pair = {"steady": steady, "shuffled": shuffled(steady, seed=1)}
if passed("motion", motion):
    numbers = {name: [float(x) for x in motion(centres(clips)[1])] for name, clips in pair.items()}
    said = "; ".join(f"{name}: speed {s:.2f}, wobble {w:.2f} pixels" for name, (s, w) in numbers.items())
    play.movie(pair, f"Eight frames, in order and shuffled. {said}.", each=1)

# %% [markdown]
# ## Task 3: new, or copied?
#
# Write `novelty(samples, train, fresh)`. It returns one number: a float, or a tensor with one entry.
#
# - All three hold clips of one shape, (N, …), (M, …) and (K, …), float32. N, M and K may differ.
# - For each sample take the Euclidean distance to its *nearest* clip in `train`, over all numbers of a clip; then the median over the samples.
# - Do the same for the clips in `fresh`. Return the first median divided by the second. (With an even number of clips, any value between the two in the middle is fine.)


# %%
def novelty(samples, train, fresh):
    """Median distance to the nearest training clip, over that of fresh real clips."""
    ### BEGIN SOLUTION
    own, real = (torch.cdist(x.flatten(1), train.flatten(1)).amin(dim=1).median() for x in (samples, fresh))
    return (own / real).item()
    ### END SOLUTION


# %% tags=["nbval-check-output"]
checks.novelty(novelty)

# %% [markdown]
# Five "generators". Predict their novelty, and say which of them you would believe.

# %%
if passed("novelty", novelty):
    some = train[:300]
    kinds = {"copies": some, "copies with a little noise": some + 0.002 * torch.randn_like(some), "fresh drums": drums(300, seed=2)[0]}
    kinds |= {"copies, 1 ms late": some.roll(8, dims=2), "a Gaussian": media.pca_gaussian(train, 300, seed=0)}
    for name, clips in kinds.items():
        print(f"{name:28s} novelty {float(novelty(clips, train, fresh)):.2f}")

# %% [markdown]
# The copies that come 1 ms late look new to a distance between samples. No ear would agree: a measure sees what it measures.
#
# ## Task 4: words at a temperature
#
# Write `draw_words(logits, temperature)`. It returns the number of one word for each row: int64, shape (N,).
#
# - `logits` has shape (N, K), float32. Word $j$ of a row is drawn with the chance $e^{\ell_j / T} / \sum_k e^{\ell_k / T}$, each row by itself. Set no seed inside.
# - `temperature` ($T$) is a number ≥ 0. At 0, return the most likely word of each row.


# %%
def draw_words(logits, temperature):
    """One word for each row of logits: (N,)."""
    ### BEGIN SOLUTION
    if temperature == 0:
        return logits.argmax(dim=1)
    return torch.multinomial((logits / temperature).softmax(dim=1), 1)[:, 0]
    ### END SOLUTION


# %% tags=["nbval-check-output"]
checks.draw_words(draw_words)

# %% [markdown]
# Now a language model: the lesson's `Writer`, trained by maximum likelihood on 300 sentences. It writes with your function. Predict: at which temperature is most of what it writes right, at which is it most varied?

# %%
known, _ = sentences.split(300, seed=0)
model = sentences.likelihood(known, seed=0, steps=400)


@torch.no_grad()
def written(n, temperature):
    """`n` sentences of the model, by the learner's function."""
    texts = torch.zeros(n, 6, dtype=torch.int64)
    for i in range(6):
        texts[:, i] = torch.as_tensor(draw_words(model.logits(texts)[:, i], temperature))
    return texts


# %% tags=["result"]
temperatures, found = (0, 0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 2.0), []
if passed("draw_words", draw_words):
    found = [sentences.text_scores(written(2000, t), known) for t in temperatures]
    curves = {key: [x[key] for x in found] for key in ("valid", "variety", "new")}
    said = "; ".join(f"T = {t}: {x['valid']:.0%} valid, variety {x['variety']:.0%}, {x['new']:.0%} valid and new" for t, x in list(zip(temperatures, found, strict=True))[::2])
    show.curves(temperatures, curves, "temperature", "share", f"2,000 sentences at each temperature. {said}.", markers=True)

# %% tags=["nbval-check-output"]
if found:
    print("at temperature 0 it always writes the same sentence:", found[0]["variety"] < 0.01)
    print("the most varied is neither the coldest nor the hottest:", found[0]["variety"] < max(x["variety"] for x in found[2:-1]) > found[-1]["variety"])

# %% [markdown]
# ## Task 5: a gradient through a word
#
# Write `straight_through(logits, softness=1.0)`. It returns one-hot rows that a gradient passes: float32, the shape of the logits.
#
# - `logits` has shape (N, K), float32, and requires a gradient. `softness` ($\sigma$) is a number above 0.
# - Draw Gumbel noise $g = -\log(-\log u)$, $u$ uniform between 0 and 1, one for each entry; set no seed inside. The soft draw is $\mathrm{softmax}\big((\ell + g) / \sigma\big)$ along each row.
# - The *value* of the result is one-hot: 1 where the soft draw is largest. Its *gradient* in the logits is that of the soft draw.


# %%
def straight_through(logits, softness=1.0):
    """One-hot draws (N, K) with the gradient of a soft draw."""
    ### BEGIN SOLUTION
    u = torch.rand_like(logits).clamp(1e-9, 1 - 1e-7)
    soft = ((logits - (-u.log()).log()) / softness).softmax(dim=1)
    hard = F.one_hot(soft.argmax(dim=1), logits.shape[1]).to(soft.dtype)
    return hard + soft - soft.detach()
    ### END SOLUTION


# %% tags=["nbval-check-output"]
checks.straight_through(straight_through)

# %% [markdown]
# Put it to work. A "discriminator" likes word 3 of five most. 200 steps of gradient ascent through the draws; predict what becomes of the logits, and how it would go with `argmax`.

# %%
liking = torch.tensor([0.1, 0.4, -0.3, 1.0, 0.2])
if passed("straight_through", straight_through):
    logits = torch.zeros(5, requires_grad=True)
    opt = torch.optim.Adam([logits], 0.05)
    for step in range(201):
        score = (straight_through(logits.expand(64, 5)) @ liking).mean()
        if step % 50 == 0:
            print(f"step {step:3d}: mean score {score.item():.2f}, chance of word 3 {logits.softmax(0)[3].item():.0%}")
        opt.zero_grad()
        (-score).backward()
        opt.step()

# %% tags=["nbval-check-output"]
if passed("straight_through", straight_through):
    print("the gradient found the word, with a chance above 80 %:", logits.softmax(0)[3].item() > 0.8)

# %% [markdown]
# ## Explore
#
# Nothing here is checked. Predict first.
#
# - **A better ear.** Write a novelty that copies of 1 ms delay do not deceive: compare pitch and decay, or power spectra. What does it say of the GAN's drums?
# - **Your drum.** Change `drums`: two strokes in a clip, at random times. What happens to the GAN of the lesson, whose layers know each moment by its number? Try transposed convolutions.
# - **A shape that stays.** Give the video GAN a second D that sees pairs of frames. Does the share with one shape rise?
# - **Another grammar.** Add a rule that ties the first word to the last. Which *n*-gram fails, and does the text GAN learn it?
# - **Softness.** Train the text GAN with softness 0.3 and 3, five seeds each. Does the variety at 95 % valid change beyond its interval?

# %%
# Your experiment
