"""What the stories example can do and which heads do it, in PyTorch: writes training/stories/measured.json.

    python training/stories/measure.py

Prompts are those of prompts.py: pairs of names that never meet in the grammar's documents. The weights are read back from
examples/stories/stories.onnx, so that what is measured is the file that is there. heads.py says what the scores are.
"""
import json
import pathlib
import sys
from dataclasses import replace

import onnx
import torch
import torch.nn.functional as F
from onnx.numpy_helper import to_array
from tokenizers import Tokenizer

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
EXAMPLE = REPOSITORY / "examples" / "stories"
sys.path.append(str(EXAMPLE))
from heads import PERIOD, head_scores, repeated
from model import Stories
from prompts import IndirectObject, full_names, indirect_objects, last_logits, name_ids, name_lists, quotations, scores, strange_names, word_ids

COUNT, SEED = 100, 20260101
EXAMPLE_PROMPT = IndirectObject("Lily and Ben went to the park. Ben gave a ball to", "Lily", "Ben", "ABB")
OUT = pathlib.Path(__file__).with_name("measured.json")


def exported(tokenizer: Tokenizer) -> Stories:
    """model.py with the weights of the ONNX file: the exporter keeps names, but transposes matrices and renames them."""
    graph = onnx.load(EXAMPLE / "stories.onnx").graph
    values = {tensor.name: torch.from_numpy(to_array(tensor).copy()) for tensor in graph.initializer}
    matrices = iter([values[node.input[1]] for node in graph.node if node.op_type == "MatMul" and node.input[1] in values])
    model = Stories(tokenizer.get_vocab_size()).eval()
    state = {name: values[name] if name in values else next(matrices).T.contiguous() for name, _ in model.named_parameters()}
    model.load_state_dict(state)
    assert next(matrices, None) is None
    return model


def rounded(value):
    if isinstance(value, dict):
        return {key: rounded(inner) for key, inner in value.items()}
    return round(value, 4) if isinstance(value, float) else value


def objects(model: Stories, tokenizer: Tokenizer, prompts: list[IndirectObject]) -> dict:
    right, difference = scores(model, tokenizer, prompts)
    logits = last_logits(model, tokenizer, [prompt.text for prompt in prompts])
    answer, subject = name_ids(tokenizer, prompts)
    above = (logits.gather(1, answer[:, None]) > logits.gather(1, subject[:, None])).float().mean().item()
    return {"prompts": len(prompts), "first": right, "aboveSubject": above, "meanLogitDifference": difference}


def each_object(model: Stories, tokenizer: Tokenizer, prompts: list[IndirectObject]) -> list[dict]:
    return [rounded({"text": prompt.text, "answer": prompt.answer, "subject": prompt.subject, "order": prompt.order, "difference": scores(model, tokenizer, [prompt])[1]})
            for prompt in prompts]


def induction(model: Stories, tokenizer: Tokenizer) -> dict:
    """How often each later token of a made-up name is the first prediction: when it is said first, and when it is said the third time."""
    hits: dict[str, list[bool]] = {"firstTime": [], "thirdTime": []}
    for prompt in strange_names(COUNT, SEED):
        name = tokenizer.encode(f" {prompt.name}", add_special_tokens=False).ids
        ids = tokenizer.encode(f"{prompt.before} {prompt.name}").ids
        with torch.no_grad():
            foretold = model(torch.tensor([ids]))[0].argmax(-1)
        starts = [at for at in range(len(ids)) if ids[at : at + len(name)] == name]
        assert len(starts) == 3
        for key, start in (("firstTime", starts[0]), ("thirdTime", starts[2])):
            hits[key] += [foretold[start + step - 1].item() == name[step] for step in range(1, len(name))]
    return {"names": COUNT, "tokens": len(hits["firstTime"]), **{key: sum(found) / len(found) for key, found in hits.items()}}


def lists(model: Stories, tokenizer: Tokenizer) -> dict:
    """How often the next name of a list is the first prediction when the list is said again (but for its first name, which nothing foretells)."""
    ids = torch.stack([torch.tensor(tokenizer.encode(" " + " ".join(names + names)).ids) for names in name_lists(COUNT, SEED)])
    length = ids.shape[1] // 2
    with torch.no_grad():
        logits = model(ids)
    losses = F.cross_entropy(logits[:, :-1].flatten(0, 1), ids[:, 1:].flatten(), reduction="none").view(len(ids), -1)
    hits = (logits[:, :-1].argmax(-1) == ids[:, 1:])[:, length + 1 :].float().mean().item()
    return {"lists": len(ids), "names": length, "first": hits, "lossFirstTime": losses[:, 1:length].mean().item(), "lossAgain": losses[:, length + 1 :].mean().item()}


def surnames(model: Stories, tokenizer: Tokenizer) -> dict:
    """How often the surname is the first prediction behind a first name that comes again, and by how much its logit exceeds the other person's."""
    prompts = full_names(COUNT, SEED)
    logits = last_logits(model, tokenizer, [prompt.text for prompt in prompts])
    answer, other = word_ids(tokenizer, [prompt.answer for prompt in prompts]), word_ids(tokenizer, [prompt.other for prompt in prompts])
    difference = logits.gather(1, answer[:, None]) - logits.gather(1, other[:, None])
    return {"prompts": COUNT, "first": (logits.argmax(-1) == answer).float().mean().item(), "aboveOther": (difference > 0).float().mean().item(),
            "meanLogitDifference": difference.mean().item()}


def quotation(model: Stories, tokenizer: Tokenizer) -> dict:
    """The closing mark after a sentence inside open marks, and after the same sentence where the marks were closed before."""
    prompts = quotations(COUNT, SEED)
    mark = tokenizer.token_to_id('"')
    logits = {key: last_logits(model, tokenizer, [getattr(prompt, key) for prompt in prompts]) for key in ("open", "closed")}
    chances = {key: logits[key].softmax(-1)[:, mark].mean().item() for key in logits}
    first = {key: (logits[key].argmax(-1) == mark).float().mean().item() for key in logits}
    return {"pairs": COUNT, "firstWhereOpen": first["open"], "firstWhereClosed": first["closed"],
            "meanProbabilityWhereOpen": chances["open"], "meanProbabilityWhereClosed": chances["closed"]}


def main() -> None:
    tokenizer = Tokenizer.from_file(str(EXAMPLE / "tokenizer.json"))
    model = exported(tokenizer)
    prompts = indirect_objects(COUNT, SEED)
    measured = {
        "parameters": sum(parameter.numel() for parameter in model.parameters()),
        "seed": SEED,
        "indirectObjects": {
            "all": objects(model, tokenizer, prompts),
            **{order: objects(model, tokenizer, [prompt for prompt in prompts if prompt.order == order]) for order in ("ABB", "BAB")},
            "example": {"text": EXAMPLE_PROMPT.text, **objects(model, tokenizer, [EXAMPLE_PROMPT])},
            "exampleMirrored": objects(model, tokenizer, [replace(EXAMPLE_PROMPT, text="Lily and Ben went to the park. Lily gave a ball to", answer="Ben", subject="Lily")]),
        },
        "inductionOnMadeUpNames": induction(model, tokenizer),
        "inductionOnNameLists": lists(model, tokenizer),
        "inductionOnSurnames": surnames(model, tokenizer),
        "closingQuotationMarks": quotation(model, tokenizer),
    }
    loss, heads = head_scores(model, tokenizer, prompts, SEED)
    measured = rounded({**measured, "lossOnRepeatedWords": loss})
    lines = [f" {json.dumps(key)}: {json.dumps(value)}" for key, value in measured.items()]
    tables = {"heads": [rounded(head) for head in heads], "prompts": each_object(model, tokenizer, prompts), "ids": repeated(tokenizer, SEED).tolist()}
    rows = [f' "{key}": [\n  ' + ",\n  ".join(map(json.dumps, table)) + "\n ]" for key, table in tables.items()]
    OUT.write_text("{\n" + ",\n".join([*lines, f' "period": {PERIOD}', *rows]) + "\n}\n")
    print("\n".join(lines))
    columns = [key for key in heads[0] if key != "address"]
    print("head  " + " ".join(f"{key[:11]:>11}" for key in columns))
    for head in heads:
        print(f"{head['address']}  " + " ".join(f"{head[key]:11.3f}" for key in columns))


if __name__ == "__main__":
    main()
