"""Pictures for QML: icons and scenes tinted by the theme, previews held in memory, QR codes drawn module by module."""

import re
from collections import OrderedDict
from pathlib import Path

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QSize
from PySide6.QtGui import QImage, QImageReader
from PySide6.QtQuick import QQuickImageProvider

SCENES = Path(__file__).parent / "scenes"
DRAWN_BYTES = 8 * 1024 * 1024
"""Drawn pictures kept for the next time; the oldest goes first."""

_WHITE = 0xFFFFFFFF

_ROLE = re.compile(r"\{(\w+)\}")


def tint(svg: str, roles: dict[str, str]) -> str:
    """Put the theme's colours where the drawing names a role: ``stroke="{ink}"``."""
    return _ROLE.sub(lambda match: roles.get(match[1], "#808080"), svg)


def render_svg(svg: str, size: QSize) -> QImage:
    """Draw an SVG as large as fits ``size`` (pixels)."""
    data = QByteArray(svg.encode())
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.ReadOnly)
    reader = QImageReader(buffer, QByteArray(b"svg"))
    own = reader.size()
    share = min(size.width() / max(1, own.width()), size.height() / max(1, own.height()))
    reader.setScaledSize(QSize(max(1, round(own.width() * share)), max(1, round(own.height() * share))))
    return reader.read()


class DrawnPictures(QQuickImageProvider):
    """``image://drawn/icon/check/stroke=00403C`` and ``image://drawn/scene/hand-card/602x602/ink=...;skin=...``.

    A scene's size stands in its address, since QML changes ``sourceSize`` and ``source`` one after the other and each
    change would draw.

    A name that has no file draws a plain ring: a new icon name in a flow file must not break a page.
    """

    def __init__(self, icons: Path) -> None:
        super().__init__(QQuickImageProvider.ImageType.Image)
        self._folders = {"icon": icons, "scene": SCENES}
        self._texts: dict[str, str] = {}
        self._drawn: OrderedDict[tuple[str, int, int], QImage] = OrderedDict()
        self._drawn_bytes = 0

    def requestImage(self, id: str, size: QSize, requested: QSize) -> QImage:
        wanted = QSize(96, 96) if requested.isEmpty() else requested
        key = (id, wanted.width(), wanted.height())
        image = self._drawn.get(key)
        if image is None:
            kind, name, more = id.split("/", 2)
            if kind == "scene":
                size_text, more = more.split("/", 1)
                width, height = size_text.split("x")
                wanted = QSize(int(width), int(height))
            image = render_svg(tint(self._text(kind, name), _roles(more)), wanted)
            self._keep(key, image)
        else:
            self._drawn.move_to_end(key)
        size.setWidth(image.width())
        size.setHeight(image.height())
        return image

    def _keep(self, key: tuple[str, int, int], image: QImage) -> None:
        """Drawing a scene takes 10 to 30 ms, so that a page change must find it drawn."""
        self._drawn[key] = image
        self._drawn_bytes += image.sizeInBytes()
        while self._drawn_bytes > DRAWN_BYTES and len(self._drawn) > 1:
            _, oldest = self._drawn.popitem(last=False)
            self._drawn_bytes -= oldest.sizeInBytes()

    def _text(self, kind: str, name: str) -> str:
        key = f"{kind}/{name}"
        if key not in self._texts:
            path = self._folders[kind] / f"{Path(name).name}.svg"
            self._texts[key] = path.read_text(encoding="utf-8") if path.is_file() else _RING
        return self._texts[key]


_RING = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="24" height="24" viewBox="0 0 24 24" fill="none">'
    '<circle cx="12" cy="12" r="6" stroke="{stroke}" stroke-width="1.75"/></svg>'
)


def _roles(text: str) -> dict[str, str]:
    pairs = (part.split("=", 1) for part in text.split(";") if "=" in part)
    return {name: f"#{value}" for name, value in pairs}


class HeldPictures(QQuickImageProvider):
    """``image://held/<name>``: previews that the core sent, and the QR of the page. Memory only, gone at ``forget``."""

    def __init__(self) -> None:
        super().__init__(QQuickImageProvider.ImageType.Image)
        self._pictures: dict[str, bytes] = {}
        self._codes: dict[str, list[str]] = {}

    def hold(self, name: str, data: bytes) -> None:
        """Keep a picture (PNG bytes) until ``forget``."""
        self._pictures[name] = data

    def hold_code(self, name: str, rows: list[str]) -> None:
        """Keep a QR: rows of ``0`` and ``1``, quiet zone excluded."""
        self._codes[name] = rows

    def forget(self) -> None:
        self._pictures.clear()
        self._codes.clear()

    @property
    def count(self) -> int:
        return len(self._pictures) + len(self._codes)

    def requestImage(self, id: str, size: QSize, requested: QSize) -> QImage:
        name = id.rsplit("@", 1)[0]
        if name in self._codes:
            image = code_image(self._codes[name])
        else:
            image = QImage.fromData(self._pictures.get(name, b""))
            if image.isNull():
                image = QImage(1, 1, QImage.Format.Format_RGB32)
                image.fill(_WHITE)
            elif not requested.isEmpty() and (image.width() > requested.width() or image.height() > requested.height()):
                from PySide6.QtCore import Qt  # 30 ms the first time; never before the first frame

                image = image.scaled(
                    requested, Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
                )
        size.setWidth(image.width())
        size.setHeight(image.height())
        return image


def code_image(rows: list[str]) -> QImage:
    """One pixel a module, black on white; the page scales it by a whole number."""
    width = max((len(row) for row in rows), default=1)
    image = QImage(width, max(len(rows), 1), QImage.Format.Format_RGB32)
    image.fill(_WHITE)
    for y, row in enumerate(rows):
        for x, module in enumerate(row):
            if module == "1":
                image.setPixel(x, y, 0xFF000000)
    return image
