import QtQuick
import "../theme"
import "../parts"

// The page that waits: who may come, what can be done now, and one thing to do: touch.
PageBase {
    id: page
    isWhole: true
    readonly property var tiles: body ? body.tiles : []
    readonly property var lines: body ? body.lines : []

    Label { id: call; width: parent.width - 2 * Theme.margin; x: Theme.margin; y: 20 * Theme.mm; text: page.page ? page.page.title : ""; font.pixelSize: Theme.display; weight: 700 }
    Tap { anchors.fill: parent; name: page.body ? page.body.call : ""; onActed: face.press("start") }
}
