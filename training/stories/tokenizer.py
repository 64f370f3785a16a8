"""Trains the byte-level BPE tokenizer of the stories example on the grammar and on sampled stories.

    python training/stories/tokenizer.py --stories STORIES.txt --out tokenizer.json
"""
import argparse
import pathlib
from random import Random

from grammar import document, gift, numbers, speech
from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, processors, trainers
from words import ANIMALS, NAMES, OBJECTS, PLACES, SURNAMES

VOCABULARY, DOCUMENTS, START = 3072, 2_000, "<|endoftext|>"
# Words with the space before them; digits and punctuation one by one, so that a closing quotation mark is its own token.
PIECES = r"'(?:s|t|re|ve|m|ll|d)| ?\p{L}+| ?\p{N}| ?[^\s\p{L}\p{N}]|\s+"


def trained(stories: list[str]) -> Tokenizer:
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([
        pre_tokenizers.Split(Regex(PIECES), "isolated"), pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)])
    tokenizer.decoder = decoders.ByteLevel()
    # Not the kinds with made-up names: those are to fall into pieces.
    grammar = [make(Random(f"tokenizer {number}")) for number in range(DOCUMENTS) for make in (gift, speech, numbers)]
    # Every word often enough to be a token: names also at the start of a text.
    words = [f"{name} {name} {name}" for name in NAMES] * 50 + [f" {word}" for word in PLACES + OBJECTS + ANIMALS + SURNAMES] * 50
    trainer = trainers.BpeTrainer(vocab_size=VOCABULARY, special_tokens=[START], initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False)
    tokenizer.train_from_iterator(grammar + words + stories, trainer)
    start = tokenizer.token_to_id(START)
    tokenizer.post_processor = processors.TemplateProcessing(single=f"{START} $A", special_tokens=[(START, start)])
    return tokenizer


def main() -> None:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--stories", type=pathlib.Path, required=True)
    arguments.add_argument("--out", type=pathlib.Path, required=True)
    given = arguments.parse_args()
    tokenizer = trained(given.stories.read_text().splitlines())
    assert tokenizer.get_vocab_size() == VOCABULARY
    whole = [form for word in NAMES for form in (word, f" {word}")] + [f" {word}" for word in PLACES + OBJECTS + ANIMALS + SURNAMES]
    broken = [word for word in whole if len(tokenizer.encode(word, add_special_tokens=False)) != 1]
    assert not broken, f"not one token: {broken}"
    tokenizer.save(str(given.out))
    sizes = [len(tokenizer.encode(document(Random(f"size {number}"))).ids) for number in range(500)]
    print(f"{VOCABULARY} tokens; a document of the grammar has {sum(sizes) / len(sizes):.0f} on average")


if __name__ == "__main__":
    main()
