"""A model whose circuit is known because it was written by hand: the roles of Wang et al. 2022 ("Interpretability in the Wild"), one head each, and heads that only look like it.

`AttentionOnly` of examples/induction/model.py with four layers of three heads. The residual stream is one-hot in five parts: the token, its position, the
name that is duplicated here, the name that is inhibited here, and the logits of the names.

| head | what it is | what it writes |
| L0H0 | duplicate token: from a name to its first mention | the name, as duplicated |
| L0H1 | looks at the token before | nothing |
| L1H0 | S-inhibition: from "to" to the name that is marked as duplicated | the name, as inhibited |
| L1H1 | looks where L1H0 looks | nothing |
| L2H0, L2H1 | name movers: from "to" to the names that are not inhibited | the name's logit, times 2 and 1.5 |
| L2H2 | negative name mover | the name's logit, times -0.8 |
| L3H0 | backup name mover: as the name movers, but not to names whose logit was raised | the name's logit, times 1.2 |
| L3H1 | looks where the name movers look | nothing |

All others, and each of these where it has nothing to find, rest on the start token.
"""
import math

import torch

NAMES = ["ann", "bob", "cid", "dan", "eve", "fay", "gus", "hal"]
WORDS = ["<s>", *NAMES, "and", "went", "gave", "to"]
DIM, HEADS, LAYERS, CONTEXT = 60, 3, 4, 10
START, FIRST, TO = 0, 1, WORDS.index("to")

count = len(NAMES)
TOKEN, POSITION, DUPLICATE, INHIBITED, OUT = 0, len(WORDS), len(WORDS) + CONTEXT, len(WORDS) + CONTEXT + count, len(WORDS) + CONTEXT + 2 * count
SIZE = DIM // HEADS
# A head rests on the start token where nothing scores more than this.
REST, FOUND = 10.0, 20.0


class Head:
    """Weights of one head, by what they read: rows are dimensions of the head, columns of the stream."""

    def __init__(self):
        self.query, self.key, self.value, self.output = (torch.zeros(SIZE, DIM) for _ in range(4))
        # Every token has one position: the sum over positions is 1 everywhere.
        self.query[SIZE - 1, POSITION : POSITION + CONTEXT] = REST
        self.key[SIZE - 1, TOKEN + START] = 1.0

    def writes(self, source: int, target: int, scale: float) -> "Head":
        for name in range(count):
            self.value[name, source + name] = 1.0
            self.output[name, target + name] = scale
        return self


def duplicate() -> Head:
    head = Head()
    for name in range(count):
        head.query[name, TOKEN + FIRST + name] = FOUND
        head.key[name, TOKEN + FIRST + name] = 1.0
    for position in range(CONTEXT):
        head.query[count + position, POSITION + position] = -FOUND
        head.key[count + position, POSITION + position] = 1.0
    return head.writes(TOKEN + FIRST, DUPLICATE, 1.0)


def before() -> Head:
    head = Head()
    for position in range(1, CONTEXT):
        head.query[position, POSITION + position] = FOUND
        head.key[position, POSITION + position - 1] = 1.0
    return head


def inhibiting() -> Head:
    head = Head()
    head.query[0, TOKEN + TO] = FOUND
    head.key[0, DUPLICATE : DUPLICATE + count] = 1.0
    return head


def moving() -> Head:
    head = Head()
    for name in range(count):
        head.query[name, TOKEN + TO] = FOUND
        head.query[name, INHIBITED + name] = -FOUND
        head.key[name, TOKEN + FIRST + name] = 1.0
    return head


def standing_in() -> Head:
    head = moving()
    for name in range(count):
        head.query[name, OUT + name] = -8.0
    return head


mover = lambda head, scale: head.writes(TOKEN + FIRST, OUT, scale)
CIRCUIT = [
    [duplicate(), before(), Head()],
    [inhibiting().writes(DUPLICATE, INHIBITED, 1.0), inhibiting(), Head()],
    [mover(moving(), 2.0), mover(moving(), 1.5), mover(moving(), -0.8)],
    [mover(standing_in(), 1.2), moving(), Head()],
]


def fill(model) -> None:
    """Writes the circuit into an AttentionOnly's parameters."""
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.zero_()
        model.tokens.weight[:, TOKEN : TOKEN + len(WORDS)] = torch.eye(len(WORDS))
        model.positions.weight[:, POSITION : POSITION + CONTEXT] = torch.eye(CONTEXT)
        for name in range(count):
            model.unembed.weight[FIRST + name, OUT + name] = 1.0
        for layer, heads in zip(model.layers, CIRCUIT, strict=True):
            # The model divides scores by the root of a head's size.
            layer.query.weight.copy_(torch.cat([head.query * math.sqrt(SIZE) for head in heads]))
            layer.key.weight.copy_(torch.cat([head.key for head in heads]))
            layer.value.weight.copy_(torch.cat([head.value for head in heads]))
            layer.output.weight.copy_(torch.cat([head.output for head in heads]).T)
