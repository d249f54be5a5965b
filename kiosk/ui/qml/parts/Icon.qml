import QtQuick
import "../theme"

// A line icon in one of the theme's colours.
Image {
    property string name: ""
    property real size: 8 * Theme.mm
    property color tone: Theme.ink
    // Further roles of a drawing with more than one colour, ";contrast=FFFFFF".
    property string more: ""

    width: Math.round(size)
    height: Math.round(size)
    sourceSize: Qt.size(width, height)
    source: name === "" ? "" : "image://drawn/icon/" + name + "/stroke=" + Theme.hex(tone) + more
    visible: name !== ""
    Accessible.ignored: true
}
