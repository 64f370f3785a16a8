/** What a head's attention moves, and what that is in logits. */

/** By LAYER and HEAD. */
export const MOVED = `def moved(bridge, cache):
    """What the head moves from each source at weight 1, through W_O: [source, d_model]."""
    values = cache[f"blocks.{LAYER}.attn.hook_v"][0]
    # Heads stand on an axis of their own or not, and some models share values among them.
    values = values.unflatten(-1, (-1, bridge.cfg.d_head)) if values.ndim == 2 else values
    return values[:, HEAD * values.shape[1] // bridge.cfg.n_heads] @ bridge.blocks[LAYER].attn.W_O[HEAD]`;

export const TO_LOGITS = `def to_logits(bridge, vectors, directions):
    """What vectors [..., d_model] in the residual stream add to logits, [..., logits], where the final norm divides by 1. Directions are columns of W_U."""
    norm = bridge.ln_final
    if not norm.uses_rms_norm:
        vectors = vectors - vectors.mean(-1, keepdim=True)
    return vectors * (1 + norm.weight if norm.uses_weight_offset else norm.weight) @ directions`;

/** What the final norm divides each position by in a run: [positions]. */
export const SCALE = 'cache["ln_final.hook_scale"][0, :, 0]';
