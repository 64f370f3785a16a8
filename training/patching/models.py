"""The models in TransformerLens, with the weights of the committed ONNX files, and the prompts that they are asked."""
import dataclasses
import pathlib
import sys

import onnxruntime
import torch

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
TEST = REPOSITORY / "test" / "fixtures"
sys.path += [str(REPOSITORY / "training" / part) for part in ("fixtures", "induction")] + [str(REPOSITORY / "examples" / "induction")]

# TransformerLens's own bound for two ways of computing one model in single precision.
SAME_MODEL = 5e-5


@dataclasses.dataclass(frozen=True)
class Subject:
    """A model under test, and pairs of prompts of one length."""
    name: str
    # Of the ONNX file, from the repository's root.
    path: str
    bridge: object
    # [pairs, positions]
    clean: torch.Tensor
    corrupted: torch.Tensor
    # [pairs]
    target: torch.Tensor
    distractor: torch.Tensor


def transformed(name: str, architecture: str):
    """A cell of the matrix: the same tiny model of transformers that its ONNX file was exported from."""
    import styles
    from transformer_lens.model_bridge.sources._bridge_builder import build_bridge_from_module
    model = styles.gpt2("eager", layers=3, width=styles.WIDTH, heads=styles.HEADS, seed=1) if name == "gpt2" else styles.llama("eager")
    return build_bridge_from_module(model, architecture, hf_config=model.config, model_name=name).eval()


def induction():
    """TransformerLens's own model without norms and MLPs, with the weights of the ONNX file."""
    from measure import exported
    from transformer_lens.config import TransformerBridgeConfig
    from transformer_lens.model_bridge.sources.native import boot
    source = exported()
    vocab, dim = source.tokens.weight.shape
    heads = source.layers[0].heads
    bridge = boot(TransformerBridgeConfig(d_model=dim, d_head=dim // heads, n_heads=heads, n_layers=len(source.layers), n_ctx=source.positions.weight.shape[0],
                                          d_vocab=vocab, attn_only=True, normalization_type=None, positional_embedding_type="standard", act_fn="relu", init_weights=False))
    model = bridge.original_model
    with torch.no_grad():
        weights = {"tok_embed": source.tokens, "pos": source.positions, "head": source.unembed}
        for index, layer in enumerate(source.layers):
            weights |= {f"layers.{index}.attn.{short}": getattr(layer, part) for short, part in zip("qkvo", ("query", "key", "value", "output"))}
        own = {name.replace("._original_component", ""): parameter for name, parameter in model.named_parameters()}
        for name, module in weights.items():
            for part, parameter in module.named_parameters():
                own.pop(f"{name}.{part}").copy_(parameter)
    assert not own, f"not filled: {sorted(own)}"
    return bridge.eval()


def logits_of_file(path: str, ids: torch.Tensor) -> torch.Tensor:
    session = onnxruntime.InferenceSession(REPOSITORY / path, providers=["CPUExecutionProvider"])
    given = {"input_ids": ids.numpy(), "attention_mask": torch.ones_like(ids).numpy()}
    return torch.from_numpy(session.run(["logits"], {entry.name: given[entry.name] for entry in session.get_inputs()})[0])


def random_pairs(bridge, pairs: int, length: int, seed: int) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
    """Prompts that differ in three places; target and distractor are the tokens that the difference speaks for most and least."""
    generator = torch.Generator().manual_seed(seed)
    clean = torch.randint(1, bridge.cfg.d_vocab, (pairs, length), generator=generator)
    corrupted = clean.clone()
    for row in range(pairs):
        at = torch.randperm(length - 3, generator=generator)[:3]
        corrupted[row, at] = torch.randint(1, bridge.cfg.d_vocab, (3,), generator=generator)
    difference = (bridge(clean) - bridge(corrupted))[:, -1]
    return clean, corrupted, difference.argmax(-1), difference.argmin(-1)


def words_that_repeat(sentences: list[tuple[str, str]]) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
    """
    A start token, a stretch of words, and the same again but for the last: the clean prompt's stretch ends in one word, the corrupted one's in another,
    so that what comes next differs. Each entry: the stretch, and the other last word.
    """
    from words import BOS, VOCABULARY
    clean, corrupted = [], []
    for stretch, other in sentences:
        ids = [VOCABULARY.index(word) for word in stretch.split()]
        clean.append([BOS, *ids, *ids[:-1]])
        corrupted.append([BOS, *ids[:-1], VOCABULARY.index(other), *ids[:-1]])
    at = len(clean[0]) // 2
    return torch.tensor(clean), torch.tensor(corrupted), torch.tensor([row[at] for row in clean]), torch.tensor([row[at] for row in corrupted])


def subjects() -> list[Subject]:
    gpt2, llama = transformed("gpt2", "GPT2LMHeadModel"), transformed("llama", "LlamaForCausalLM")
    made = [
        Subject("gpt2", "test/fixtures/cells/gpt2/torch-20.onnx", gpt2, *random_pairs(gpt2, 2, 9, 31)),
        Subject("llama", "test/fixtures/cells/llama/torch-20.onnx", llama, *random_pairs(llama, 2, 9, 32)),
        Subject("induction", "examples/induction/induction.onnx", induction(),
                *words_that_repeat([("cat milk door piano snow wolf", "bread"), ("queen lemon forest drum boat sugar", "night")])),
    ]
    for subject in made:
        for ids in (subject.clean, subject.corrupted):
            difference = (logits_of_file(subject.path, ids) - subject.bridge(ids)).abs().max().item()
            print(f"{subject.name}: logits of the file and of TransformerLens differ by at most {difference:.1e}")
            assert difference < SAME_MODEL
    return made
