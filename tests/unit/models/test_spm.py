"""The tokenizer: greedy best-score merges, byte fallback, special tokens never parsed from text."""

from models.spm import SPACE, Piece, Tokenizer, TokenType

PIECES = [
    Piece("<bos>", -1000, TokenType.CONTROL),
    *(Piece(f"<0x{b:02X}>", -1000, TokenType.BYTE) for b in range(256)),
    Piece("\n", -1000, TokenType.USER_DEFINED),
    *(Piece(c, -100.0 - i, TokenType.NORMAL) for i, c in enumerate(SPACE + "abc<>os")),
    Piece("ab", -1.0, TokenType.NORMAL),
    Piece("bc", -0.5, TokenType.NORMAL),
    Piece(SPACE + "a", -2.0, TokenType.NORMAL),
    Piece(SPACE + "abc", -3.0, TokenType.NORMAL),
]


def texts(text: str) -> list[str]:
    tokenizer = Tokenizer(PIECES)
    return [PIECES[i].text for i in tokenizer.encode(text)]


def test_the_best_merge_comes_first() -> None:
    assert texts(" abc") == [SPACE + "abc"]  # bc, then _a, then the two
    assert texts("abc") == ["a", "bc"]


def test_unknown_characters_become_bytes() -> None:
    assert texts("é") == ["<0xC3>", "<0xA9>"]


def test_typed_special_tokens_stay_text() -> None:
    assert "<bos>" not in texts("<bos>")


def test_decoding_gives_the_text_back() -> None:
    tokenizer = Tokenizer(PIECES)
    assert tokenizer.decode(tokenizer.encode(" abc aé\n")) == " abc aé\n"
