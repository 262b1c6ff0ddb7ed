"""Makes the test images and what Pillow makes of them.

usage: python images.py TINY

TINY is the unpacked folder tiny-imagenet-200 with its validation split. Writes
beside itself: *.png (drawn here), *.expected.png (scaled and cropped by
Pillow, as torchvision's Resize and CenterCrop do), tiny_facts.json.
"""
import json
import pathlib
import sys

import numpy as np
import PIL
from PIL import Image

here = pathlib.Path(__file__).parent
SIZE, RESIZE = 48, 55


def evaluate(im, size, resize):
    im = im.convert("RGB")
    w, h = im.size
    w2, h2 = (resize, int(resize * h / w)) if w <= h else (int(resize * w / h), resize)
    im = im.resize((w2, h2), Image.BILINEAR)
    x, y = round((w2 - size) / 2.0), round((h2 - size) / 2.0)
    return im.crop((x, y, x + size, y + size))


def pattern(w, h, channels):
    y, x = np.mgrid[0:h, 0:w].astype(float)
    planes = [127.5 + 127.5 * np.sin(x * (0.05 + 0.11 * c) + y * (0.31 - 0.08 * c)) for c in range(channels)]
    a = np.stack(planes, -1).astype(np.uint8)
    a[h // 3 : h // 2, w // 4 : w // 2] = 255 - a[h // 3 : h // 2, w // 4 : w // 2]
    return a


images = {
    "wide": Image.fromarray(pattern(301, 200, 3)),
    "tall": Image.fromarray(pattern(97, 211, 3)),
    "small": Image.fromarray(pattern(23, 17, 3)),
    "grey": Image.fromarray(pattern(120, 90, 1)[..., 0]),
    "alpha": Image.fromarray(pattern(64, 64, 4)),
    "palette": Image.fromarray(pattern(80, 60, 3)).quantize(32),
}
for name, im in images.items():
    im.save(here / f"{name}.png", optimize=True)
    evaluate(im, SIZE, RESIZE).save(here / f"{name}.expected.png", optimize=True)

tiny = pathlib.Path(sys.argv[1])
ids = sorted((tiny / "wnids.txt").read_text().split())
rows = [line.split("\t") for line in (tiny / "val" / "val_annotations.txt").read_text().splitlines()]
labels = {name: ids.index(wnid) for name, wnid, *_ in rows}
means = []
for i in range(40):
    a = np.asarray(Image.open(tiny / "val" / "images" / f"val_{i}.JPEG").convert("RGB"), float)
    means.append(a.mean((0, 1)).round(4).tolist())
facts = {
    "pillow": PIL.__version__,
    "numpy": np.__version__,
    "labels": [labels[f"val_{i}.JPEG"] for i in range(len(labels))],
    "first_class": ids[0],
    "channel_means_of_first_40": means,
}
(here / "tiny_facts.json").write_text(json.dumps(facts) + "\n")
