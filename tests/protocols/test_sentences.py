"""The grammar of lesson 15, draws from writers, and n-grams."""

import pytest
import torch

from gan_lessons.protocols import sentences


def test_the_grammar_is_what_the_lesson_says():
    texts = sentences.sentences()
    assert len(texts.unique(dim=0)) == 1296 and sentences.valid(texts).all()
    number = {w: i for i, w in enumerate(sentences.WORDS)}

    def right(text):
        return sentences.valid(torch.tensor([[number[w] for w in text.split()]])).item()

    assert right("this old dog sees two birds") and right("two old dogs see every cat")
    assert not right("this old dogs see two birds")  # determiner and noun
    assert not right("this old dog see two birds")  # noun and verb
    assert not right("this old dog sees two dogs")  # its own kind
    assert not right("this dog old sees two birds")
    parts = sentences.split(300, seed=1)
    assert len(set(sentences.codes(torch.cat(parts)).tolist())) == 1296


def test_scores_of_known_sets_of_sentences():
    train, rest = sentences.split(300, seed=0)
    copies = sentences.text_scores(train, train)
    assert copies["valid"] == 1 and copies["new"] == 0
    fair = sentences.sentences()[torch.randint(1296, (2000,))]
    assert sentences.text_scores(fair, train)["variety"] == pytest.approx(1, abs=0.05)
    assert sentences.text_scores(fair, train)["new"] == pytest.approx(996 / 1296, abs=0.05)
    one = sentences.text_scores(rest[:1].expand(2000, -1), train)
    assert one["valid"] == one["new"] == 1 and one["variety"] < 0.001


def test_gumbel_draws_follow_the_softmax_and_agree_with_torch():
    torch.manual_seed(0)
    logits = torch.randn(7)
    many = logits.expand(60_000, 7)
    shares = sentences.straight_through(many, 0.7).mean(dim=0)
    oracle = torch.nn.functional.gumbel_softmax(many, tau=0.7, hard=True).mean(dim=0)
    assert torch.allclose(shares, logits.softmax(0), atol=0.01)
    assert torch.allclose(shares, oracle, atol=0.015)


def test_a_writer_writes_what_its_logits_say():
    torch.manual_seed(0)
    model, z = sentences.Writer(), torch.zeros(30_000, 8)
    with torch.no_grad():
        texts = model(z, temperature=0.8).argmax(dim=2)
        chance = (model.logits(texts[:1]) / 0.8).softmax(dim=2)[0]
    assert torch.allclose(torch.bincount(texts[:, 0], minlength=19) / 3e4, chance[0], atol=0.012)
    same = texts[texts[:, 0] == texts[0, 0]]
    after = torch.bincount(same[:, 1], minlength=19) / len(same)
    assert torch.allclose(after, chance[1], atol=0.05)


def test_n_grams_count():
    texts = torch.tensor([[0, 6, 9, 15, 3, 12], [0, 6, 10, 15, 3, 12], [0, 7, 9, 15, 3, 12]])
    model = sentences.NGram(texts, 2, extra=1e-9)
    torch.manual_seed(0)
    made = model.write(3000)
    assert (made[:, 0] == 0).all()
    assert (made[:, 1] == 6).double().mean() == pytest.approx(2 / 3, abs=0.04)
    assert (made[made[:, 1] == 7, 2] == 9).all()
