"""Writes two texts of the grammar for the index of neurons: one to index, one to try readings on. Training drew other documents.

    python training/stories/texts.py --out FOLDER
"""
import argparse
import pathlib
from random import Random

from grammar import document

TEXTS = {"indexed.txt": ("unseen", 3000), "unseen.txt": ("held", 200)}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", type=pathlib.Path, required=True)
    folder = parser.parse_args().out
    folder.mkdir(parents=True, exist_ok=True)
    for name, (seed, count) in TEXTS.items():
        (folder / name).write_text("\n\n".join(document(Random(f"{seed} {number}")) for number in range(count)))


if __name__ == "__main__":
    main()
