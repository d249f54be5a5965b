import QtQuick
import "../theme"
import "../parts"

// May we? What would happen, then the answers, all of one size.
PageBase {
    id: page

    readonly property var lines: body ? body.facts : []
    // In large text the answers are short, so that all of them are in sight; the rest of their words is spoken.
    readonly property var tiles: !body ? [] : !Theme.isLarge ? body.tiles : body.tiles.map(tile => Object.assign({}, tile, { "text": "", "spoken": tile.text }))
    readonly property real gap: 6 * Theme.mm
    readonly property int columns: Theme.isPortrait ? 1 : 2
    // No answer may be out of sight: the lines above them scroll first.
    readonly property real oneRow: (Theme.isLarge && !Theme.isPortrait ? 56 : 48) * Theme.mm + Theme.gap
    readonly property real answers: Math.ceil(tiles.length / columns) * oneRow

    Banner {
        id: notice
        width: parent.width
        text: page.body ? page.body.notice : ""
        tone: "caution"
    }
    Card {
        id: card
        y: notice.visible ? notice.height + page.gap : 0
        width: parent.width
        height: list.height + 12 * Theme.mm

        Scroller {
            id: list
            x: 8 * Theme.mm
            y: 6 * Theme.mm
            width: parent.width - 16 * Theme.mm
            maxHeight: page.height - card.y - 12 * Theme.mm - page.gap - page.answers
            height: Math.min(contentHeight, maxHeight)

            Column {
                id: rows
                width: parent.width
                spacing: 3 * Theme.mm

                Repeater {
                    model: 5

                    FactRow {
                        required property int index
                        width: rows.width
                        fact: index < page.lines.length ? page.lines[index] : null
                        isLast: index === page.lines.length - 1
                    }
                }
            }
        }
    }
    TileGrid {
        y: card.y + card.height + page.gap
        width: parent.width
        height: parent.height - y
        tiles: page.tiles
        columns: page.columns
        shape: "row"
        tallest: (Theme.isLarge ? 48 : 60) * Theme.mm
    }
}
