"""Makes gguf-blocks.bin: random blocks of each GGUF format, and what the Python package gguf (0.19.0) decodes them to.

    pip install gguf==0.19.0 numpy && python make_gguf_blocks.py

For each format in the order of FORMATS: the bytes of 512 weights, then the weights, float32, all little-endian.
"""
import numpy
from gguf import quants

FORMATS = [quants.Q8_0, quants.Q4_0, quants.Q4_1, quants.Q5_0, quants.Q5_1, quants.Q4_K, quants.Q5_K, quants.Q6_K]
HALVES = {quants.Q8_0: [0], quants.Q4_0: [0], quants.Q4_1: [0, 2], quants.Q5_0: [0], quants.Q5_1: [0, 2],
          quants.Q4_K: [0, 2], quants.Q5_K: [0, 2], quants.Q6_K: [208]}

random = numpy.random.default_rng(20)
with open("gguf-blocks.bin", "wb") as file:
    for format in FORMATS:
        blocks = random.integers(0, 256, (512 // format.block_size, format.type_size), dtype=numpy.uint8)
        for at in HALVES[format]:  # scales of both signs; any bits would make infinities and NaN
            scales = random.normal(0, 0.01, len(blocks)).astype("<f2")
            blocks[:, at:at + 2] = scales.view(numpy.uint8).reshape(-1, 2)
        file.write(blocks.tobytes())
        file.write(format.dequantize_blocks(blocks).astype("<f4").tobytes())
