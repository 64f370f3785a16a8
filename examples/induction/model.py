"""A two-layer transformer that has nothing but attention: no MLPs, no norms.

Trained on random words that repeat, it learns one thing: to look back for the last time it saw the current word, and
to say what came next then. `induction.onnx` beside this file was exported from this code, so its nodes carry these lines.
"""
import math

import torch
from torch import nn


class Attention(nn.Module):
    def __init__(self, dim: int, heads: int):
        super().__init__()
        self.heads, self.head_dim = heads, dim // heads
        self.query, self.key, self.value, self.output = (nn.Linear(dim, dim) for _ in range(4))

    def forward(self, x, mask):
        batch, length, dim = x.shape
        split = lambda t: t.view(batch, length, self.heads, self.head_dim).transpose(1, 2)
        query, key, value = split(self.query(x)), split(self.key(x)), split(self.value(x))
        scores = query @ key.transpose(-1, -2) / math.sqrt(self.head_dim)
        pattern = torch.softmax(scores + mask, dim=-1)
        return self.output((pattern @ value).transpose(1, 2).reshape(batch, length, dim))


class AttentionOnly(nn.Module):
    def __init__(self, vocab: int, dim: int = 128, heads: int = 8, layers: int = 2, context: int = 64):
        super().__init__()
        self.tokens, self.positions = nn.Embedding(vocab, dim), nn.Embedding(context, dim)
        self.layers = nn.ModuleList(Attention(dim, heads) for _ in range(layers))
        self.unembed = nn.Linear(dim, vocab, bias=False)

    def forward(self, input_ids):
        length = input_ids.shape[1]
        x = self.tokens(input_ids) + self.positions(torch.arange(length))
        mask = torch.full((length, length), -1e9).triu(1)
        for attention in self.layers:
            x = x + attention(x, mask)
        return self.unembed(x)
