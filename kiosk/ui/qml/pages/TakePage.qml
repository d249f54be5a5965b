import QtQuick
import "../theme"
import "../parts"

// Take your card and your paper: one picture each.
PageBase {
    id: page

    readonly property var scenes: body ? body.scenes : []
    readonly property var labels: body ? body.labels : []
    readonly property var lines: body ? body.lines : []
    readonly property int count: Math.max(1, scenes.length)
    readonly property real share: Math.floor((width - (Math.min(count, 2) - 1) * 8 * Theme.mm) / Math.min(count, 2))

    Row {
        id: row
        spacing: 8 * Theme.mm

        Repeater {
            model: 3

            Column {
                id: item
                required property int index
                visible: index < page.scenes.length
                width: page.share
                spacing: 6 * Theme.mm

                Scene {
                    model: item.index < page.scenes.length ? page.scenes[item.index] : null
                    isRunning: page.isCurrent
                    width: page.share
                    height: Math.floor(width * 0.75)
                }
                Label {
                    width: parent.width
                    horizontalAlignment: Text.AlignHCenter
                    text: item.index < page.labels.length ? page.labels[item.index] : ""
                    font.pixelSize: Theme.heading
                    weight: 600
                }
            }
        }
    }
    Column {
        y: row.height + 12 * Theme.mm
        width: parent.width
        spacing: 4 * Theme.mm

        Repeater {
            model: 4

            Label {
                required property int index
                width: page.width
                horizontalAlignment: Text.AlignHCenter
                text: index < page.lines.length ? page.lines[index] : ""
                font.pixelSize: Theme.lead
                color: Theme.inkSoft
            }
        }
    }
}
