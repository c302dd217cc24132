"""Writes golden.safetensors with the reference library: pip install numpy==2.* safetensors==0.*"""
import numpy as np
from safetensors.numpy import save_file

save_file(
    {
        "net.0.weight": np.arange(6, dtype=np.float32).reshape(2, 3) / 7,
        "net.0.bias": np.array([-1.5, 3e-39], dtype=np.float32),
        "temperature": np.array(0.25, dtype=np.float32),
        "empty": np.zeros((0, 4), dtype=np.float32),
        "naïve \"x\"": np.array([1], dtype=np.float32),
    },
    "golden.safetensors",
    metadata={"card": "tiny <model> & co"},
)
