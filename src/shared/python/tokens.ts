/** Functions with which the files turn prompts and tokens into ids. */

/** Of prompts that are ids. */
export const IDS = `def tokens(bridge, prompt):
    """[1, positions]"""
    return torch.tensor([prompt], device=bridge.cfg.device)`;

/** Of texts and ids; SPECIAL is one of the file's constants. */
export const TEXTS = `def tokens(bridge, tokenizer, prompt):
    """[1, positions] of a text or of token ids."""
    ids = tokenizer(prompt, add_special_tokens=SPECIAL)["input_ids"] if isinstance(prompt, str) else prompt
    return torch.tensor([ids], device=bridge.cfg.device)`;

export const TOKEN = `def token(tokenizer, prompt, text):
    """The id of a token as it follows the prompt, else as it is alone."""
    if not isinstance(text, str):
        return text
    ids = lambda text: tokenizer(text, add_special_tokens=False)["input_ids"]
    if isinstance(prompt, str) and (together := ids(prompt + text))[:-1] == ids(prompt):
        return together[-1]
    alone = ids(text)
    assert len(alone) == 1, f"{text!r} is {len(alone)} tokens"
    return alone[0]`;

/** Constants of a file whose prompts may be texts. */
export const specialConstant = (special: boolean): readonly string[] => ['# Add the tokens that the tokenizer puts around a text.', `SPECIAL = ${special ? 'True' : 'False'}`];
