"""Prompts for measuring. Pairs of names never meet in the grammar's documents, and strange names are of other syllables."""
from dataclasses import dataclass
from random import Random

import torch
from grammar import held_out, saying
from tokenizers import Tokenizer
from words import ANIMALS, MEASURED_SYLLABLES, NAMES, OBJECTS, PLACES, PLAY, SURNAMES

HANDS = ["gave", "handed", "passed", "brought", "showed"]
OPENINGS = ["", "", "One day, ", "After lunch, ", "Then, "]


@dataclass(frozen=True)
class IndirectObject:
    """`subject` is the name that comes twice; `order` is ABB where the name said last before is the one, else BAB."""

    text: str
    answer: str
    subject: str
    order: str


def indirect_objects(count: int, seed: int) -> list[IndirectObject]:
    """Half ABB (Lily and Ben … Ben gave …), half BAB (Ben and Lily … Ben gave …)."""
    random = Random(seed)
    objects = [word for word in OBJECTS if word[0] not in "aeiou"]
    made: list[IndirectObject] = []
    while len(made) < count:
        answer, subject = random.sample(NAMES, 2)
        if not held_out(answer, subject):
            continue
        order = ("ABB", "BAB")[len(made) % 2]
        first, second = (answer, subject) if order == "ABB" else (subject, answer)
        meeting = f"{random.choice(OPENINGS)}{first} and {second} went to the {random.choice(PLACES)}."
        made.append(IndirectObject(f"{meeting} {subject} {random.choice(HANDS)} a {random.choice(objects)} to", answer, subject, order))
    return made


@dataclass(frozen=True)
class StrangeName:
    """A made-up name said three times: `before` up to the last of them, of which only the first token is given."""

    before: str
    name: str


def strange_names(count: int, seed: int) -> list[StrangeName]:
    random = Random(seed)
    made = []
    for _ in range(count):
        name = "".join(random.sample(MEASURED_SYLLABLES, 2)).capitalize()
        made.append(StrangeName(f"There was a {random.choice(ANIMALS)} named {name}. {name} lived in the {random.choice(PLACES)}. Everyone loved", name))
    return made


@dataclass(frozen=True)
class FullName:
    """Two people with their full names, then the first name of one of them again: `answer` is that one's surname, `other` the other's."""

    text: str
    answer: str
    other: str


def full_names(count: int, seed: int) -> list[FullName]:
    """Half ask for the first-named person, half for the other. No such first name goes with such a surname in the grammar's documents."""
    random = Random(seed)
    made = []
    while len(made) < count:
        firsts, surnames = random.sample(NAMES, 2), random.sample(SURNAMES, 2)
        if not all(map(held_out, firsts, surnames)):
            continue
        asked = len(made) % 2
        people = [f"{first} {surname}" for first, surname in zip(firsts, surnames)]
        text = f"{people[0]} and {people[1]} went to the {random.choice(PLACES)}. It was a sunny day. Everyone loved {firsts[asked]}"
        made.append(FullName(text, surnames[asked], surnames[1 - asked]))
    return made


NAMES_IN_LIST = 10


def name_lists(count: int, seed: int) -> list[list[str]]:
    """Names in an order without reason, to be said twice. No two that stand side by side ever meet in the grammar's documents."""
    random = Random(seed)
    made: list[list[str]] = []
    while len(made) < count:
        names = [random.choice(NAMES)]
        while len(names) < NAMES_IN_LIST:
            names.append(random.choice([name for name in NAMES if name not in names and held_out(name, names[-1])]))
        made.append(names)
    return made


@dataclass(frozen=True)
class Quotation:
    """The same sentence, once inside quotation marks that are still open, once behind marks that were closed."""

    open: str
    closed: str


def quotations(count: int, seed: int) -> list[Quotation]:
    random = Random(seed)
    made = []
    for _ in range(count):
        name, other = random.sample(NAMES, 2)
        last, before = saying(random), saying(random)
        begin = f"{name} {random.choice(PLAY)} in the {random.choice(PLACES)}."
        made.append(Quotation(f'{begin} {other} said, "{last}', f'{begin} {other} said, "{before}" {last}'))
    return made


def word_ids(tokenizer: Tokenizer, words: list[str]) -> torch.Tensor:
    return torch.tensor([tokenizer.token_to_id(f"Ġ{word}") for word in words])


def name_ids(tokenizer: Tokenizer, prompts: list[IndirectObject]) -> tuple[torch.Tensor, torch.Tensor]:
    return word_ids(tokenizer, [prompt.answer for prompt in prompts]), word_ids(tokenizer, [prompt.subject for prompt in prompts])


def last_logits(model: torch.nn.Module, tokenizer: Tokenizer, texts: list[str]) -> torch.Tensor:
    """[prompt, vocabulary]: the logits after each text's last token."""
    with torch.no_grad():
        return torch.stack([model(torch.tensor([tokenizer.encode(text).ids]))[0, -1] for text in texts])


def scores(model: torch.nn.Module, tokenizer: Tokenizer, prompts: list[IndirectObject]) -> tuple[float, float]:
    """How often the indirect object is the first of all predictions, and by how much its logit exceeds the subject's, on average."""
    logits = last_logits(model, tokenizer, [prompt.text for prompt in prompts])
    answer, subject = name_ids(tokenizer, prompts)
    right = (logits.argmax(-1) == answer).float().mean().item()
    return right, (logits.gather(1, answer[:, None]) - logits.gather(1, subject[:, None])).mean().item()
