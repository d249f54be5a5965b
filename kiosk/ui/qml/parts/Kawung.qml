import QtQuick
import "../theme"

// A band of kawung, our own drawing; on the attract page and nowhere else.
Image {
    property color ground: Theme.primary
    property color line: Theme.accent
    property int rows: 1

    readonly property int repeat: Math.max(8, Math.round(height / rows))
    fillMode: Image.Tile
    horizontalAlignment: Image.AlignLeft
    verticalAlignment: Image.AlignTop
    source: "image://drawn/scene/kawung/" + repeat + "x" + repeat + "/ground=" + Theme.hex(ground) + ";line=" + Theme.hex(line)
    Accessible.ignored: true
}
