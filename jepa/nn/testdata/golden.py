"""Writes golden.safetensors: networks, losses and optimiser steps as PyTorch computes them (torch 1.13, safetensors 0.8).

Every weight, also gains and biases, is random, so that no default hides a mistake. SIGReg is written as in the reference
implementation of LeJEPA (arXiv 2511.08544): torch.linspace knots, doubled trapezoid weights, Gaussian window.
"""
import torch
from torch import nn
from safetensors.numpy import save_file

torch.manual_seed(7)
torch.set_num_threads(1)
out = {}


def keep(name, t):
    out[name] = t.detach().to(torch.float32).contiguous().numpy().copy()


def mlp(sizes):
    layers = []
    for i in range(len(sizes) - 2):
        layers += [nn.Linear(sizes[i], sizes[i + 1]), nn.LayerNorm(sizes[i + 1]), nn.SiLU()]
    return nn.Sequential(*layers, nn.Linear(sizes[-2], sizes[-1]))


def named(net):
    """Our names: net.i.weight, net.i.bias, net.i.norm.weight, net.i.norm.bias."""
    i = -1
    for layer in net:
        if isinstance(layer, nn.Linear):
            i += 1
            yield f"net.{i}.weight", layer.weight
            yield f"net.{i}.bias", layer.bias
        elif isinstance(layer, nn.LayerNorm):
            yield f"net.{i}.norm.weight", layer.weight
            yield f"net.{i}.norm.bias", layer.bias


def network():
    net = mlp([5, 24, 17, 3])
    for _, p in named(net):
        p.data += 0.3 * torch.randn_like(p)
    x = torch.randn(7, 5, requires_grad=True)
    direction = torch.randn(7, 3)
    y = net(x)
    (y * direction).sum().backward()
    for name, t in [("x", x), ("direction", direction), ("y", y), ("x.grad", x.grad)]:
        keep(name, t)
    for name, p in named(net):
        keep(name, p)
        keep(name + ".grad", p.grad)
    steps(net)


def steps(net):
    """Five AdamW steps with clipping at 1; biases and gains are not decayed."""
    groups = [{"params": [p for _, p in named(net) if p.dim() > 1], "weight_decay": 0.1},
              {"params": [p for _, p in named(net) if p.dim() == 1], "weight_decay": 0.0}]
    opt = torch.optim.AdamW(groups, lr=0.01, betas=(0.9, 0.999), eps=1e-8)
    for step in range(5):
        for name, p in named(net):
            p.grad = torch.randn_like(p) * (0.02 if step == 0 else 1)
            keep(f"step{step}.{name}.grad", p.grad)
        norm = torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        keep(f"step{step}.norm", norm)
        opt.step()
    for name, p in named(net):
        keep(name + ".after", p)


def loss(name, f, *shape):
    x = (2 * torch.randn(*shape)).requires_grad_()
    value = f(x)
    value.backward()
    keep(f"{name}.x", x)
    keep(f"{name}.value", value)
    keep(f"{name}.grad", x.grad)


def sigreg(directions):
    def f(z):
        t = torch.linspace(0, 3, 17)
        w = torch.full((17,), 2 * 3 / 16)
        w[[0, -1]] = 3 / 16
        phi = torch.exp(-t * t / 2)
        xt = (z @ directions).unsqueeze(-1) * t
        err = (xt.cos().mean(0) - phi).square() + xt.sin().mean(0).square()
        return ((err @ (w * phi)) * z.shape[0]).mean()
    return f


def vicreg(z):
    z = z - z.mean(0)
    std = torch.sqrt(z.var(0) + 1e-4)
    cov = z.T @ z / (z.shape[0] - 1)
    off = cov - torch.diag(torch.diag(cov))
    return 2 * torch.relu(1.5 - std).mean() + 3 * off.square().sum() / z.shape[1]


network()
target = torch.randn(6, 4)
soft = torch.rand(6, 4)
keep("target", target)
keep("soft", soft)
loss("mse", lambda x: nn.functional.mse_loss(x, target), 6, 4)
loss("smooth_l1", lambda x: nn.functional.smooth_l1_loss(x, target, beta=0.7), 6, 4)
loss("bce", lambda x: nn.functional.binary_cross_entropy_with_logits(x, soft), 6, 4)
a = torch.randn(6, 32)
a /= a.norm(dim=0)
keep("directions", a.T)
loss("sigreg", sigreg(a), 20, 6)
loss("vicreg", vicreg, 20, 6)
save_file(out, "golden.safetensors", metadata={"made_by": f"golden.py, torch {torch.__version__}"})
