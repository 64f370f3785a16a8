"""What the stories example is trained on: rows of documents, and rows in which the only way to tell what comes is to look it up.

`batch(step, …)` depends on nothing but its arguments and SEED.
"""
import math
from collections import Counter
from collections.abc import Iterator
from random import Random

import torch
from grammar import document, gift
from tokenizers import Tokenizer
from words import NAMES

SEED, START = 0, 0
COMMON, COUNTED = 0.1, 1000
RENAMED = 0.25  # The share of the grammar's documents whose names become other words of the vocabulary.


class Words:
    """What there is to draw from, and which tokens are the same word with and without the space before it."""

    def __init__(self, tokenizer: Tokenizer):
        vocabulary = tokenizer.get_vocab()
        self.all = [index for index in range(len(vocabulary)) if index != START]
        self.plain = sorted(index for token, index in vocabulary.items() if token[0] == "Ġ" and token[1:].isalpha() and len(token) > 3)
        self.names = [vocabulary[f"Ġ{name}"] for name in NAMES]
        self.same = {index: vocabulary.get(f"Ġ{token}", index) if token[:1].isupper() else index for token, index in vocabulary.items()}
        counts = Counter(index for number in range(COUNTED) for index in tokenizer.encode(document(Random(f"count {number}"))).ids)
        self.common = {index for index, count in counts.items() if count > COMMON * COUNTED}

    def mark(self, ids: list[int]) -> list[bool]:
        """Which tokens of a document could have been looked up in it: those there before, but for the words of every document."""
        seen: set[int] = set()
        marks = []
        for index in ids:
            marks.append(self.same[index] in seen and index not in self.common)
            seen.add(self.same[index])
        return marks

    def renamed(self, ids: list[int], random: Random) -> list[int]:
        """The document with other words for its people, one word for each: then names are to be copied, not known."""
        names = dict(zip(self.names, random.sample(self.plain, len(self.names))))
        return [names.get(self.same[index], index) for index in ids]


def periodic(words: Words, length: int, random: Random) -> tuple[list[int], list[bool]]:
    """A few tokens of no use, then a random stretch of 3 to length/2 tokens again and again."""
    # Short stretches as often as long ones, octave by octave: prompts are short.
    period = round(math.exp(random.uniform(math.log(3), math.log(length / 2))))
    pool = random.choice((words.all, words.all, words.plain, words.names))
    gap, stretch = random.choices(words.all, k=random.randint(0, 8)), random.choices(pool, k=period)
    ids = ([START, *gap] + stretch * (length // period + 1))[:length]
    return ids, [at > len(gap) + period + 1 for at in range(length)]


def scattered(words: Words, length: int, random: Random) -> tuple[list[int], list[bool]]:
    """Made-up names of 2 to 5 tokens that come again and again among words without reason."""
    names = [random.choices(words.all, k=random.randint(2, 5)) for _ in range(random.randint(1, 4))]
    ids, marks, said = [START], [False], set()
    while len(ids) < length:
        number = random.randrange(len(names))
        filling = random.choices(words.plain, k=random.randint(0, 3))
        ids += names[number] + filling
        marks += [number in said and at > 0 for at in range(len(names[number]))] + [False] * len(filling)
        said.add(number)
    return ids[:length], marks[:length]


def stories_row(words: Words, length: int, texts: Iterator[list[int]]) -> tuple[list[int], list[bool]]:
    """Documents one after another, each behind the start token."""
    ids: list[int] = []
    marks: list[bool] = []
    while len(ids) < length:
        more = next(texts)
        ids += more
        marks += words.mark(more)
    return ids[:length], marks[:length]


def drawn(words: Words, tokenizer: Tokenizer, stories: list[str], sampled: float, gifts: float, shared: Random, own: Random, mirrored: bool) -> Iterator[list[int]]:
    """Documents: sampled stories, with a share of `sampled` among all tokens, and the grammar's, of which so many are gifts beforehand.

    Rows come in twos, which share the gifts: in one of them it is the other person who gives. All else of a row is its own.
    """
    chance = sampled / (sampled + 5 * (1 - sampled))  # A sampled story is some five times as long as a document of the grammar.
    while True:
        kind, random = shared.random(), Random(shared.random())
        is_gift = random.random() < gifts
        source = random if is_gift else own
        if kind < chance:
            yield tokenizer.encode(own.choice(stories)).ids
        else:
            ids = tokenizer.encode(gift(source, mirrored) if is_gift else document(source)).ids
            yield words.renamed(ids, source) if source.random() < RENAMED else ids


def batch(step: int, shape: tuple[int, int], mixture: tuple[float, float, float], tokenizer: Tokenizer, stories: list[str], words: Words):
    """[rows, length] ids; which of them can be looked up; which rows are made of repeats. The mixture: the share of such rows, of sampled stories in the others, of gifts beforehand."""
    random = Random(f"{SEED} {step}")
    (rows, length), (repeats, sampled, gifts) = shape, mixture
    count = round(rows * repeats)
    made = [random.choice((periodic, periodic, scattered))(words, length, random) for _ in range(count)]
    for row in range(rows - count):
        texts = drawn(words, tokenizer, stories, sampled, gifts, Random(f"{SEED} {step} {row // 2}"), random, row % 2 == 1)
        made.append(stories_row(words, length, texts))
    ids, marks = zip(*made)
    return torch.tensor(ids), torch.tensor(marks), torch.arange(rows) < count
