"""A grammar of short stories, rich in what the example is to show: indirect objects, names that come again, speech, numbers.

`document(random)` is one story. Pairs of names that `held_out` keeps for measuring never meet in any of them.
"""
import random as random_module
import zlib
from collections.abc import Callable

from words import ANIMALS, COLORS, ENDS, FEELINGS, HAND, MEASURED_SYLLABLES, NAMES, OBJECTS, ONSETS, PLACES, PLAY, SURNAMES, VOWELS

Random = random_module.Random

HELD_OUT = 8  # One pair of names in so many is kept for measuring.


def held_out(first: str, second: str) -> bool:
    return zlib.crc32(" ".join(sorted((first, second))).encode()) % HELD_OUT == 0


def pair(random: Random) -> tuple[str, str]:
    while True:
        first, second = random.sample(NAMES, 2)
        if not held_out(first, second):
            return first, second


def thing(random: Random) -> str:
    return f"{random.choice(COLORS)} {random.choice(OBJECTS)}" if random.random() < 0.4 else random.choice(OBJECTS)


def a(noun: str) -> str:
    return f"an {noun}" if noun[0] in "aeiou" else f"a {noun}"


# Both of two people are named here, in an order that says nothing about who acts next.
MEETINGS = [
    "{A} and {B} went to the {place}.",
    "{A} and {B} went to the {place}.",
    "{A} and {B} were at the {place}.",
    "{A} and {B} {played} in the {place}.",
    "{A} and {B} were friends.",
    "{A} met {B} at the {place}.",
    "{A} saw {B} near the {place}.",
    "{A} was with {B} in the {place}.",
    "{A} had a friend. The friend's name was {B}.",
    "{A} went to the {place} with {B}.",
    "There were two friends, {A} and {B}.",
    "{A} and {B} found {a_thing} in the {place}.",
    "{A} liked to play with {B}.",
]
OPENINGS = ["", "", "", "One day, ", "Today, ", "After lunch, ", "In the morning, ", "Last week, ", "When it was sunny, ", "Once upon a time, ", "Then, "]
JOINED = [
    "When {A} and {B} went to the {place}, {S} {hand} {a_thing} to {IO}.",
    "After {A} and {B} went to the {place}, {S} {hand} {a_thing} to {IO}.",
    "While {A} and {B} were at the {place}, {S} said hello to {IO}.",
    "{A} and {B} {played} in the {place}, and {S} {hand} {a_thing} to {IO}.",
]
BETWEEN = ["It was a sunny day.", "They had a lot of fun.", "They were very {feeling}.", "There was {a_animal} there.", "It was cold.",
           "They {played} all day.", "They saw {a_animal} and {a_animal2}.", "The sky was blue."]
TRANSFERS = [
    "{S} {hand} {a_thing} to {IO}.",
    "{S} {hand} {a_thing} to {IO}.",
    "{S} {hand} the {thing} to {IO}.",
    "Then {S} {hand} {a_thing} to {IO}.",
    "Later, {S} {hand} {a_thing} to {IO}.",
    "{S} had {a_thing}. {S} {hand} it to {IO}.",
    "{S} wanted to give {a_thing} to {IO}.",
    "{S} decided to give {a_thing} to {IO}.",
    "{S} found {a_thing} and {hand} it to {IO}.",
    "{S} said hello to {IO}.",
    "{S} told a story to {IO}.",
    "{S} sang a song for {IO}.",
    "{S} made {a_thing} for {IO}.",
    "{S} smiled and waved at {IO}.",
    "{S} wanted to play with {IO}.",
]
THANKS = [
    '{IO} said, "Thank you, {S}!"',
    '{IO} said, "I like the {object}."',
    '"Thank you, {S}!" said {IO}.',
    "{IO} was very {feeling}.",
    "{IO} thanked {S}.",
    "{IO} hugged {S}.",
    "{S} and {IO} were happy.",
    "They were happy.",
    "",
    "",
]


def fill(random: Random, pattern: str, **given: str) -> str:
    object_ = given.pop("thing", None) or thing(random)
    animal, other = random.sample(ANIMALS, 2)
    given.setdefault("animal", animal)
    return pattern.format(thing=object_, a_thing=a(object_), object=object_.split()[-1], place=random.choice(PLACES), played=random.choice(PLAY),
                          hand=random.choice(HAND), feeling=random.choice(FEELINGS), a_animal=a(animal), a_animal2=a(other), **given)


def gift(random: Random, mirrored: bool = False) -> str:
    """Two people meet, one of them gives something to the other: who, is decided by a coin, which falls the other way where `mirrored`."""
    first, second = pair(random)
    subject, other = (first, second) if (random.random() < 0.5) != mirrored else (second, first)
    names = {"A": first, "B": second, "S": subject, "IO": other, "thing": thing(random)}
    if random.random() < 0.15:
        parts = [fill(random, random.choice(JOINED), **names)]
    else:
        opening, meeting = random.choice(OPENINGS), fill(random, random.choice(MEETINGS), **names)
        if opening and meeting.startswith("There"):
            meeting = "there" + meeting[5:]
        parts = [opening + meeting]
        parts += [fill(random, random.choice(BETWEEN)) for _ in range(random.choice((0, 0, 0, 1, 1, 2)))]
        parts += [fill(random, random.choice(TRANSFERS), **names)]
    parts.append(fill(random, random.choice(THANKS), **names))
    if random.random() < 0.4:  # A second time, by a new coin.
        if random.random() < 0.5:
            subject, other = other, subject
        parts.append(fill(random, random.choice(TRANSFERS), **{**names, "S": subject, "IO": other, "thing": thing(random)}))
    return " ".join(part for part in parts if part)


def made_up(random: Random) -> str:
    while True:
        name = "".join(random.choice(ONSETS) + random.choice(VOWELS) + random.choice(ENDS) for _ in range(random.choice((2, 2, 3))))
        if not any(syllable in name for syllable in MEASURED_SYLLABLES):
            return name.capitalize()


def full_name(random: Random) -> tuple[str, str]:
    while True:
        first, surname = random.choice(NAMES), random.choice(SURNAMES) if random.random() < 0.7 else made_up(random)
        if not held_out(first, surname):
            return first, surname


def full_names(random: Random) -> str:
    """People with surnames, which come again behind their first names: only the text itself says which goes with which."""
    people = [full_name(random) for _ in range(random.choice((1, 2, 2, 2, 3)))]
    if len({first for first, _ in people}) < len(people):
        return full_names(random)
    whole = [" ".join(person) for person in people]
    parts = []
    if len(people) > 1:
        listed = " and ".join(whole) if len(people) == 2 else f"{whole[0]}, {whole[1]} and {whole[2]}"
        parts.append(fill(random, random.choice(("{listed} went to the {place}.", "{listed} were friends.", "{listed} {played} in the {place}.", "One day, {listed} met at the {place}.")), listed=listed))
    else:
        parts.append(fill(random, random.choice(("{one} lived in the {place}.", "There was a child named {one}.", "My name is {one}.")), one=whole[0]))
    for _ in range(random.randint(1, 4)):
        if random.random() < 0.35:
            parts.append(fill(random, random.choice(BETWEEN)))
        pattern = random.choice(("Everyone loved {one}.", "{one} was very {feeling}.", "{one} {hand} {a_thing} to {two}.", "{one} liked {a_thing}.", "The {animal} saw {one}.",
                                 "{one} said, \"Hello, {two}!\"", "{one} found {a_thing}.", "Then {one} went to the {place}.", '"I am {one}," said {one}.'))
        one, two = random.choice(whole), random.choice(whole)
        if one == two and "{two}" in pattern:
            pattern = "{one} was very {feeling}."
        parts.append(fill(random, pattern, one=one, two=two, animal=random.choice(ANIMALS)))
    return " ".join(parts)


OWNERS = [
    ("{A} had a {x} {object} and {B} had a {y} {object}.", ("{S} {hand} the {z} {object} to {IO}.", "{S} lost the {z} {object}.", "{S} loved the {z} {object}.")),
    ("{A} liked {x}. {B} liked {y}.", ("{S} painted the house {z}.", "{S} wanted a {z} {object}.", "{S} found a {z} {object}.")),
    ("{A} lived in the {p}. {B} lived in the {q}.", ("{S} went home to the {r}.", "They went to visit {S} in the {r}.", "{S} slept in the {r}.")),
    ("{A} had a pet {m}. {B} had a pet {n}.", ("{S} played with the {o}.", "{S} fed the {o}.", "{S} {hand} a {object} to the {o}.")),
]


def owners(random: Random) -> str:
    """Each of two people has something; whoever is named again, it is theirs: the name must be looked up."""
    first, second = pair(random)
    told, after = random.choice(OWNERS)
    colors, places, animals = random.sample([color for color in COLORS if color[0] not in "aeiou"], 2), random.sample(PLACES, 2), random.sample(ANIMALS, 2)
    parts, object_ = [], random.choice([word for word in OBJECTS if word[0] not in "aeiou"])
    words = {"A": first, "B": second, "x": colors[0], "y": colors[1], "p": places[0], "q": places[1], "m": animals[0], "n": animals[1], "object": object_}
    parts.append(told.format(**words))
    if random.random() < 0.3:
        parts.append(fill(random, random.choice(BETWEEN)))
    for who in random.choice(((0,), (1,), (0, 1), (1, 0))):
        own = {"S": (first, second)[who], "IO": (second, first)[who], "z": colors[who], "r": places[who], "o": animals[who], "hand": random.choice(HAND)}
        parts.append(random.choice(after).format(**words, **own))
    return " ".join(parts)


def strange_name(random: Random) -> str:
    """Somebody whose name nobody has heard: only the text itself says how it goes on."""
    name, other = made_up(random), random.choice(NAMES)
    sentences = [
        f"{name} lived in the {random.choice(PLACES)}.", f"{name} was very {random.choice(FEELINGS)}.", f"{name} liked to play with {a(thing(random))}.",
        f'"My name is {name}," said the {random.choice(ANIMALS)}.', f"{other} said, \"Hello, {name}!\"", f"{other} gave {a(thing(random))} to {name}.",
        f"{name} and {other} went to the {random.choice(PLACES)}.", f"Everyone loved {name}.", f"{name} had {random.randint(2, 9)} friends.",
    ]
    random.shuffle(sentences)
    first = random.choice([f"There was {a(random.choice(ANIMALS))} named {name}.", f"Once there was {a(random.choice(ANIMALS))}. Its name was {name}.",
                           f"{other} had {a(random.choice(ANIMALS))} called {name}."])
    return " ".join([first, *sentences[: random.randint(2, 4)]])


def refrain(random: Random) -> str:
    """Words in an order without reason, said again."""
    pool = random.choice((NAMES, OBJECTS + ANIMALS + PLACES, OBJECTS + COLORS, NAMES + ANIMALS, [made_up(random) for _ in range(9)]))
    words = " ".join(random.sample(pool, random.randint(3, 8)))
    again = random.choice((2, 2, 3))
    if random.random() < 0.5:
        return " ".join([words] * again)
    name = random.choice(NAMES)
    return " ".join([f'{name} sang, "{words}."', f'{random.choice(NAMES)} sang, "{words}."', f"They all sang, \"{words}.\""][:again])


SAYINGS = [
    "I want {a_thing}", "I like the {thing}", "Look at the {animal}", "Let us go to the {place}", "I am {feeling}", "The {animal} is in the {place}",
    "I have {number} {object}s", "My {object} is {color}", "We can play in the {place}", "I can see {a_thing} and {a_animal}", "Please give me the {thing}",
    "It is time to go to the {place}", "This is my {thing}", "I am {number} years old", "You are a good {animal}",
]
QUESTIONS = ["Where is the {thing}", "Can I have {a_thing}", "Do you like the {thing}", "Is the {animal} in the {place}", "Are you {feeling}"]


def saying(random: Random) -> str:
    object_, animal = thing(random), random.choice(ANIMALS)
    pattern, mark = (random.choice(QUESTIONS), "?") if random.random() < 0.25 else (random.choice(SAYINGS), random.choice("..!"))
    words = pattern.format(thing=object_, a_thing=a(object_), object=object_.split()[-1], animal=animal, a_animal=a(animal), place=random.choice(PLACES),
                           feeling=random.choice(FEELINGS), color=random.choice(COLORS), number=random.randint(2, 9))
    return words + mark


def speech(random: Random) -> str:
    """Somebody speaks in quotation marks; what nobody says stands without."""
    first, second = pair(random)
    parts = []
    for _ in range(random.randint(1, 4)):
        words, kind = saying(random), random.random()
        verb = "asked" if words[-1] == "?" else random.choice(("said", "said", "shouted", "cried"))
        if kind < 0.35:
            parts.append(f'{first} {verb}, "{words}"')
        elif kind < 0.5:
            parts.append(f'"{words[:-1] + "," if words[-1] == "." else words}" {verb} {first}.')
        elif kind < 0.6:
            parts.append(f'{first} {verb}, "{words} {saying(random)}"')
        else:
            parts.append(f"{first} {random.choice(PLAY)} in the {random.choice(PLACES)}." if random.random() < 0.3 else words)
        first, second = second, first
    return " ".join(parts)


def numbers(random: Random) -> str:
    name, object_ = random.choice(NAMES), random.choice(OBJECTS)
    start = random.randint(1, 6)
    some, more = random.randint(2, 5), random.randint(1, 4)
    return random.choice([
        f"{name} counted: {', '.join(str(start + step) for step in range(random.randint(3, 4)))}.",
        f"{name} had {some} {object_}s. Then {name} found {more} more. Now {name} had {some + more} {object_}s.",
        f"{name} is {start + 2} years old. Next year {name} will be {start + 3} years old.",
        f"It was {start + 1} o'clock. {name} went to the {random.choice(PLACES)}. At {start + 2} o'clock {name} came home.",
        f"In the year {random.randint(1800, 2030)}, {name} lived in house number {random.randint(10, 99)}.",
    ])


KINDS: list[tuple[Callable[[Random], str], float]] = [
    (gift, 0.48), (owners, 0.07), (strange_name, 0.10), (full_names, 0.11), (refrain, 0.05), (speech, 0.15), (numbers, 0.04)]


def document(random: Random) -> str:
    kind = random.choices([make for make, _ in KINDS], [share for _, share in KINDS])[0]
    return kind(random)


if __name__ == "__main__":
    for seed in range(24):
        print(document(Random(seed)))
