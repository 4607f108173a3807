"""A thin owner of one llama.cpp model and context: token ids in, logits out.

Works on ids alone (`llama_decode`, logits, `llama_memory_clear`): the high-level wrapper copies every logit row and
samples in Python. Not thread-safe; the planner gives it one thread.
"""

import ctypes
import time
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType

import numpy as np
import numpy.typing as npt

from vehicle_agent.errors import ModelError
from vehicle_agent.planning import native
from vehicle_agent.planning.threads import ChoosesThreads, StepThreads, bound_spinning

_CONTEXT_TOKENS = 512
_TILE = 4  # rows llama.cpp's repacked Q4_0 kernels take at once: 4 rows 7.8 ms, 3 rows 10.2 ms (12 layers, 2 threads)
_kept_callbacks: list[object] = []  # llama.cpp keeps a pointer to it


def _padding(rows: int) -> int:
    """Rows to add behind ``rows``, where nothing sees them: a full tile is cheaper than the same rows one by one."""
    rest = rows % _TILE
    return _TILE - rest if rest == _TILE - 1 or (rest == _TILE - 2 and rows > 2 * _TILE) else 0


def _silence(llama_cpp: ModuleType) -> None:
    """llama.cpp logs to standard error otherwise."""
    if not _kept_callbacks:
        _kept_callbacks.append(llama_cpp.llama_log_callback(lambda _level, _text, _data: None))
        llama_cpp.llama_log_set(_kept_callbacks[0], ctypes.c_void_p(0))


class Llama:
    """Loads ``path`` (GGUF). Raises ModelError.

    ``threads``: CPU threads for prompt and decoding, at most; ``steps`` chooses how many of them and how they wait,
    None = as the computer is at each step. ``repack``: rearrange the weights for the kernels; faster, but some compiled
    kernels do not survive it (`trial`).
    """

    def __init__(
        self, path: Path, *, threads: int = 2, repack: bool = True, steps: ChoosesThreads | None = None
    ) -> None:
        self._steps = StepThreads(threads) if steps is None else steps
        self._n_threads = self._steps.most
        bound_spinning()  # before the library is loaded
        self._lib = llama_cpp = native.load()
        _silence(llama_cpp)
        llama_cpp.llama_backend_init()
        model_params = llama_cpp.llama_model_default_params()
        model_params.n_gpu_layers = 0
        model_params.use_extra_bufts = repack
        # Q4_0 matrices are rearranged into memory of their own; mapped pages would keep them there twice
        model_params.load_mode = llama_cpp.LLAMA_LOAD_MODE_NONE
        model = llama_cpp.llama_model_load_from_file(str(path).encode(), model_params)
        if not model:
            raise ModelError(f"llama.cpp cannot load {path}; run `vehicle-agent models verify`")
        self._model = model
        context_params = llama_cpp.llama_context_default_params()
        context_params.n_ctx = _CONTEXT_TOKENS
        context_params.n_batch = _CONTEXT_TOKENS
        context_params.n_ubatch = 128  # scratch memory grows with it; a prompt has about ten tokens
        context_params.n_threads = self._n_threads
        context_params.n_threads_batch = self._n_threads
        context_params.no_perf = True
        context = llama_cpp.llama_init_from_model(model, context_params)
        if not context:
            llama_cpp.llama_model_free(model)
            raise ModelError(f"llama.cpp cannot make a context for {path}: not enough memory?")
        self._context = context
        self._memory = llama_cpp.llama_get_memory(context)
        self._vocab = llama_cpp.llama_model_get_vocab(model)
        self.n_vocab: int = llama_cpp.llama_vocab_n_tokens(self._vocab)
        self.bos: int = llama_cpp.llama_vocab_bos(self._vocab)
        self._batch = llama_cpp.llama_batch_init(_CONTEXT_TOKENS, 0, 1)
        self._evaluated: list[int] = []

    def close(self) -> None:
        """Frees everything. The object is unusable afterwards."""
        if self._context:
            self._steps.close()
            self._lib.llama_batch_free(self._batch)
            self._lib.llama_free(self._context)
            self._lib.llama_model_free(self._model)
            self._context = None
            self._model = None

    @property
    def room(self) -> int:
        """Tokens that still fit into the context."""
        return _CONTEXT_TOKENS - len(self._evaluated)

    def tokenize(self, text: str) -> list[int]:
        """Ids of plain text; special tokens spelled in it stay plain text."""
        data = text.encode()
        size = len(data) + 8
        buffer = (self._lib.llama_token * size)()
        n = self._lib.llama_tokenize(self._vocab, data, len(data), buffer, size, False, False)
        if n < 0:
            raise ModelError(f"the tokenizer failed on {text[:40]!r}")
        return list(buffer[:n])

    def piece(self, token: int) -> str:
        """A token's text as the vocabulary holds it ("▁" for a space)."""
        text = self._lib.llama_vocab_get_text(self._vocab, token)
        return text.decode("utf-8", "replace") if text else ""

    def metadata(self, key: str) -> str:
        """A metadata value of the GGUF, "" when absent."""
        buffer = ctypes.create_string_buffer(1 << 14)
        n = self._lib.llama_model_meta_val_str(self._model, key.encode(), buffer, len(buffer))
        return buffer.value.decode("utf-8", "replace") if n >= 0 else ""

    def restart(self, tokens: Sequence[int]) -> int:
        """Forgets what was evaluated but for a beginning of ``tokens``, never all of them; how many are kept."""
        kept = 0
        for old, new in zip(self._evaluated, tokens[:-1], strict=False):
            if old != new:
                break
            kept += 1
        if kept == 0 or not self._lib.llama_memory_seq_rm(self._memory, 0, kept, -1):
            self._lib.llama_memory_clear(self._memory, True)
            kept = 0
        del self._evaluated[kept:]
        self._steps.look()  # the first of the two looks that the first step needs
        return kept

    def evaluate(self, tokens: Sequence[int]) -> npt.NDArray[np.float32]:
        """Appends ``tokens`` (at least one) and returns the last one's logits, shape (n_vocab,).

        The array is llama.cpp's own memory: valid until the next call. Raises ModelError when the context is full.
        """
        n = len(tokens)
        if n > self.room:
            raise ModelError("the utterance is too long for the model's context; say it in fewer words")
        padding = min(_padding(n), self.room - n)
        batch = self._batch
        used = len(self._evaluated)
        batch.n_tokens = n + padding
        for i, token in enumerate([*tokens, *[tokens[-1]] * padding]):
            batch.token[i] = token
            batch.pos[i] = used + i
            batch.n_seq_id[i] = 1
            batch.seq_id[i][0] = 0
            batch.logits[i] = i == n - 1
        status = self._decode(batch)
        if status != 0:
            self._lib.llama_memory_clear(self._memory, True)
            self._evaluated = []
            raise ModelError(f"llama.cpp failed to decode (status {status})")
        self._evaluated += tokens
        if padding:
            self._lib.llama_memory_seq_rm(self._memory, 0, used + n, -1)
        return np.ctypeslib.as_array(self._lib.llama_get_logits_ith(self._context, n - 1), shape=(self.n_vocab,))

    def _decode(self, batch: object) -> int:
        """One step, with the threads and the waiting that suit the computer at this moment."""
        threads = self._steps.look()
        if threads != self._n_threads:
            self._lib.llama_set_n_threads(self._context, threads, threads)
            self._n_threads = threads
        began_s, began_cpu_s = time.perf_counter(), time.thread_time()
        status: int = self._lib.llama_decode(self._context, batch)
        self._steps.took(threads, time.perf_counter() - began_s, time.thread_time() - began_cpu_s)
        return status
