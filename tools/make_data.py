"""Make the bundled part of Fashion-MNIST from the four original files.

    python tools/make_data.py FOLDER_WITH_THE_GZ_FILES

The originals are at https://github.com/zalandoresearch/fashion-mnist; Debian and Ubuntu carry them
as `dataset-fashion-mnist` (in /usr/share/datasets/fashion-mnist). The part is the first 2,000
training and the first 500 test images of every class, in the order of the originals.
"""

import gzip
import sys
from pathlib import Path

import numpy as np

from gan_lessons.data import ASSETS, checksum

ORIGINALS = {
    "train-images-idx3-ubyte.gz": "b0564c3eedabfbf835052cff8503ea422014ce006caf5b757f851416ee8300c7",  # noqa: E501
    "train-labels-idx1-ubyte.gz": "0ae29f65d86684f32d1b9c85147786c547b9c6aebcaf235f0400a0cce308b056",  # noqa: E501
    "t10k-images-idx3-ubyte.gz": "cc1d090a38ace84dfa1aa66e3ada7c336ef481a96936906477e6dd344da56eaa",  # noqa: E501
    "t10k-labels-idx1-ubyte.gz": "8d3605d196f4be44669e46906da9733c8131fef761fdbfec72c424d5222f1a05",  # noqa: E501
}
PER_CLASS = {"train": 2000, "test": 500}


def read(path, header):
    """The bytes of an idx file after its header; 28 x 28 images come as (N, 28, 28)."""
    flat = np.frombuffer(gzip.decompress(path.read_bytes()), np.uint8, offset=header)
    return flat.reshape(-1, 28, 28) if header == 16 else flat


def main(folder):
    folder = Path(folder)
    for name, expected in ORIGINALS.items():
        if checksum(folder / name) != expected:
            raise SystemExit(f"{name} is not the original file: its SHA-256 differs.")
    parts = {}
    for split, prefix in (("train", "train"), ("test", "t10k")):
        images = read(folder / f"{prefix}-images-idx3-ubyte.gz", header=16)
        labels = read(folder / f"{prefix}-labels-idx1-ubyte.gz", header=8)
        first = [np.flatnonzero(labels == c)[: PER_CLASS[split]] for c in range(10)]
        keep = np.sort(np.concatenate(first))
        parts[f"{split}_images"], parts[f"{split}_labels"] = images[keep], labels[keep]
    path = ASSETS / "fashion_mnist.npz"
    np.savez_compressed(path, **parts)
    (ASSETS / "fashion_mnist.sha256").write_text(f"{checksum(path)}  {path.name}\n")
    print(f"{path.name}: {path.stat().st_size / 1e6:.1f} MB, SHA-256 {checksum(path)}")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    main(sys.argv[1])
