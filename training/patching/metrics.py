"""What a run is measured by: [pairs] from the logits, as src/shared/experiment/experiment.ts defines the metrics."""
import torch

from models import Subject


def metrics(subject: Subject, position: int) -> dict:
    rows = torch.arange(subject.clean.shape[0])
    clean = subject.bridge(subject.clean)[:, position].log_softmax(-1)

    def target(logits: torch.Tensor) -> torch.Tensor:
        return logits[:, position].log_softmax(-1)[rows, subject.target]

    def rank(logits: torch.Tensor) -> torch.Tensor:
        own = logits[:, position][rows, subject.target]
        return (logits[:, position] > own[:, None]).sum(-1) + 1.0

    return {
        "logit-difference": lambda logits: logits[rows, position, subject.target] - logits[rows, position, subject.distractor],
        "probability": lambda logits: target(logits).exp(),
        "kl": lambda logits: (clean.exp() * (clean - logits[:, position].log_softmax(-1))).sum(-1),
        "rank": rank,
        "loss": lambda logits: -target(logits),
    }
