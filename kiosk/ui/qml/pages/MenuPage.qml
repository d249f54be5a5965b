import QtQuick
import "../theme"
import "../parts"

// One question, up to six answers.
PageBase {
    id: page

    readonly property var tiles: body ? body.tiles : []
    readonly property bool isLanguage: page.page !== null && page.page.name === "language"
    readonly property bool isGrid: !isLanguage && !Theme.isLarge && tiles.length > (Theme.isPortrait ? 4 : 3)
    readonly property bool hasNote: body !== null && body.note !== ""

    TileGrid {
        width: parent.width
        height: parent.height - (note.visible ? note.height + 6 * Theme.mm : 0)
        tiles: page.tiles
        columns: !page.isGrid ? 1 : !Theme.isPortrait && page.tiles.length > 4 ? 3 : 2
        tallest: (page.isGrid ? 110 : 72) * Theme.mm
    }
    Banner {
        id: note
        anchors.bottom: parent.bottom
        width: parent.width
        text: page.body ? page.body.note : ""
    }
}
