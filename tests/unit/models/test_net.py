"""The training network: packing leaks nothing between sequences, causality holds."""

import pytest

torch = pytest.importorskip("torch", reason="the `train` extra is not installed")

from models.net import Net, NetConfig, pack  # noqa: E402


def small() -> Net:
    torch.manual_seed(0)
    net = Net(NetConfig(vocab=50, layers=6, width=16, hidden=32, heads=2, head_dim=8))
    for parameter in net.parameters():
        torch.nn.init.normal_(parameter, std=0.2)
    net.eval()
    return net


def test_packed_sequences_do_not_see_each_other() -> None:
    net = small()
    sequences, starts = [[1, 2, 3, 4, 5], [6, 7, 8], [9, 10, 11, 12]], [2, 1, 3]
    packed, targets = pack(sequences, starts)
    assert targets.tolist() == [7, 8, 12, 3, 4, 5]
    with torch.no_grad():
        together = net(packed)
        alone = torch.cat([net(pack([sequences[i]], [starts[i]])[0]) for i in (1, 2, 0)])
    assert torch.allclose(together, alone, atol=1e-4)


def test_later_tokens_do_not_change_earlier_logits() -> None:
    net = small()
    with torch.no_grad():
        a = net(pack([[1, 2, 3, 4, 5]], [1])[0])
        b = net(pack([[1, 2, 3, 9, 5]], [1])[0])
    assert torch.allclose(a[:2], b[:2], atol=1e-5)
    assert not torch.allclose(a[3], b[3])
