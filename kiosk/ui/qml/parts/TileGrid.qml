import QtQuick
import "../theme"

// Up to eight choices that share the height they are given; falls back to arrows when the words need more.
Item {
    id: grid

    property var tiles: []
    property int columns: 1
    property string shape: columns === 1 ? "row" : "card"
    property real tallest: 60 * Theme.mm
    property int titleSize: Theme.heading
    readonly property int rows: Math.ceil(tiles.length / columns)
    readonly property real share: rows > 0 ? (height - (rows - 1) * Theme.gap) / rows : 0

    Scroller {
        id: scroller
        anchors.fill: parent
        spacing: 0
        needed: {
            let sum = -Theme.gap;
            for (let row = 0; row < grid.rows; ++row)
                sum += grid.rowNeed(row * grid.columns) + Theme.gap;
            return sum;
        }

        Grid {
            id: cells
            columns: grid.columns
            spacing: Theme.gap
            width: parent.width

            Repeater {
                id: repeater
                model: 8

                Tile {
                    required property int index
                    model: index < grid.tiles.length ? grid.tiles[index] : null
                    shape: grid.shape
                    isDense: grid.tiles.length > 4
                    titleSize: grid.titleSize
                    width: Math.floor((cells.width - (grid.columns - 1) * Theme.gap) / grid.columns)
                    height: Math.max(grid.rowNeed(index), Math.floor(Math.min(grid.tallest, grid.share)))
                }
            }
        }
    }

    function rowNeed(index: int): real {
        let need = 0;
        const first = Math.floor(index / columns) * columns;
        for (let i = first; i < first + columns && i < 8; ++i) {
            const tile = repeater.itemAt(i);
            if (tile && tile.model)
                need = Math.max(need, tile.implicitHeight);
        }
        return need;
    }
}
