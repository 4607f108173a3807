"""The pruned vocabulary: which pieces of Gemma's 262,144 stay, and the special tokens appended to them.

`vocab.tsv` holds the kept pieces (written by `python -m models.vocab`), so that training needs no word list.
Kept: control and byte pieces, single printable characters, and every piece that is formed while the words we can
meet are segmented with the full vocabulary. The merges of those words thus stay possible and equal.
"""

import argparse
import json
import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from gguf import GGUFReader

from models.paths import DATA, VOCAB, base_path
from models.spm import SPACE, Piece, Tokenizer, TokenType, segment
from vehicle_apis.catalogue import load_catalogue
from vehicle_apis.tokens import special_tokens

_PRINTABLE = {chr(c) for c in range(33, 127)}
_CONTROL = ("<pad>", "<eos>", "<bos>", "<unk>")
_WORD = re.compile(r"[a-z']+")
BOS = "<bos>"


def base_pieces(path: Path) -> list[Piece]:
    """All pieces of a GGUF file's tokenizer (takes some seconds for 262k)."""
    reader = GGUFReader(path)
    texts, scores, kinds = (
        reader.fields[f"tokenizer.ggml.{key}"].contents() for key in ("tokens", "scores", "token_type")
    )
    return [Piece(t, float(s), TokenType(k)) for t, s, k in zip(texts, scores, kinds, strict=True)]


@cache
def _table() -> tuple[tuple[int, Piece], ...]:
    rows = []
    for line in VOCAB.read_text(encoding="utf-8").splitlines():
        index, kind, score, text = line.split("\t")
        rows.append((int(index), Piece(json.loads(text), float(score), TokenType(int(kind)))))
    return tuple(rows)


def kept_ids() -> tuple[int, ...]:
    """Ids of the base vocabulary that stay, ascending."""
    return tuple(index for index, _ in _table())


@cache
def load_tokenizer() -> Tokenizer:
    """The model's tokenizer: the kept pieces, then the special tokens."""
    specials = [Piece(t, -1000.0, TokenType.CONTROL) for t in special_tokens()]
    return Tokenizer([piece for _, piece in _table()] + specials)


def keep(words: Iterable[str], base: list[Piece]) -> list[int]:
    """Ids to keep so that every word (no spaces inside) segments as with the full vocabulary."""
    ids = {p.text: i for i, p in enumerate(base)}
    scores = {p.text: p.score for p in base if p.kind is TokenType.NORMAL}
    seen = set(_PRINTABLE) | {SPACE}
    for word in words:
        segment(SPACE + word, scores, seen)
    kept = {ids[t] for t in seen if t in ids} | {ids[t] for t in (*_CONTROL, "\n")}
    kept |= {i for i, p in enumerate(base) if p.kind is TokenType.BYTE}
    return sorted(kept)


def own_words() -> set[str]:
    """Every word of the sentences and lexicons, and of the catalogue's values."""
    found: set[str] = set()
    for path in sorted(DATA.glob("*/**/*.txt")):
        found |= set(_WORD.findall(path.read_text().lower()))
    for spec in load_catalogue(with_packs=False):
        found |= set(_WORD.findall(json.dumps(spec.signature()).replace("_", " ").lower()))
        found |= set(spec.name.split("_"))
    return found


def broad_words(count: int) -> list[str]:
    """The ``count`` most frequent English words."""
    from wordfreq import top_n_list

    return [w for w in top_n_list("en", count) if _WORD.fullmatch(w)]


def _numbers() -> list[str]:
    return [str(n) for n in range(3000)] + [f"{n:02d}" for n in range(100)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--broad", type=int, default=10000, help="how many frequent English words to cover")
    parser.add_argument("--force", action="store_true", help="replace vocab.tsv: models trained with it become useless")
    args = parser.parse_args()
    if VOCAB.exists() and not args.force:
        parser.error(f"{VOCAB} exists and every trained model depends on it; --force replaces it")
    base = base_pieces(base_path())
    ids = keep(sorted(own_words() | set(broad_words(args.broad))) + _numbers(), base)
    rows = [f"{i}\t{base[i].kind}\t{base[i].score:g}\t{json.dumps(base[i].text)}\n" for i in ids]
    VOCAB.write_text("".join(rows), encoding="utf-8")
    print(f"{len(ids)} pieces kept, {len(ids) + len(special_tokens())} with special tokens -> {VOCAB}")


if __name__ == "__main__":
    main()
