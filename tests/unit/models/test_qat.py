"""Rounding in training equals what the file will hold."""

import pytest

torch = pytest.importorskip("torch")
gguf = pytest.importorskip("gguf")

from models.net import Linear  # noqa: E402
from models.qat import q4_0, renew  # noqa: E402


@pytest.mark.parametrize("scale", [1e-4, 0.03, 5.0])
def test_rounds_as_the_file_format_does(scale: float) -> None:
    weight = torch.randn(96, 64, generator=torch.Generator().manual_seed(3)) * scale
    kind = gguf.GGMLQuantizationType.Q4_0
    stored = gguf.quants.dequantize(gguf.quants.quantize(weight.numpy(), kind), kind)
    assert torch.equal(q4_0(weight), torch.from_numpy(stored))


def test_zero_blocks_stay_zero() -> None:
    assert torch.equal(q4_0(torch.zeros(2, 32)), torch.zeros(2, 32))


def test_forward_sees_the_rounded_weight_and_the_gradient_the_plain_one() -> None:
    layer = Linear(32, 4)
    torch.nn.init.normal_(layer.weight)
    x = torch.randn(3, 32)
    plain = x @ layer.weight.T
    holder = torch.nn.Sequential(layer)
    renew(holder)  # any module tree will do
    out = layer(x)
    assert torch.allclose(out, x @ q4_0(layer.weight).T, atol=1e-5)
    assert not torch.allclose(out, plain, atol=1e-5)
    out.sum().backward()
    assert torch.allclose(layer.weight.grad, x.sum(0).expand(4, 32), atol=1e-5)
