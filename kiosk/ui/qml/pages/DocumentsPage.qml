import QtQuick
import "../theme"
import "../parts"

// Documents that are ready, one tile each.
PageBase {
    id: page

    readonly property var tiles: body ? body.tiles : []

    TileGrid {
        width: parent.width
        height: parent.height - (note.visible ? note.height + 6 * Theme.mm : 0)
        tiles: page.tiles
        columns: 1
        tallest: 72 * Theme.mm
    }
    Banner {
        id: note
        anchors.bottom: parent.bottom
        width: parent.width
        text: page.body ? page.body.note : ""
    }
}
