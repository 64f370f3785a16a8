"""The tokenizer of the induction example: one token a word, `<bos>` in front, `<unk>` for every other word.

WordPiece without pieces: every word of the vocabulary is whole, so a word that is not in it is unknown as a whole. (A
word-level model would say the same, and fewer programs read one.)
"""
from tokenizers import AddedToken, Tokenizer, models, normalizers, pre_tokenizers, processors

from words import BOS, SPECIAL, VOCABULARY

UNKNOWN, START = SPECIAL


def tokenizer() -> Tokenizer:
    model = models.WordPiece({word: index for index, word in enumerate(VOCABULARY)}, unk_token=UNKNOWN, max_input_chars_per_word=32)
    made = Tokenizer(model)
    made.normalizer = normalizers.Lowercase()
    made.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    made.post_processor = processors.TemplateProcessing(single=f"{START} $A", special_tokens=[(START, BOS)])
    made.add_special_tokens([AddedToken(word, special=True) for word in SPECIAL])
    return made
