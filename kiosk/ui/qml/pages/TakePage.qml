import QtQuick
import "../theme"
import "../parts"

// Take your card and your paper: one picture each, with its words beside or below.
PageBase {
    id: page

    readonly property var scenes: body ? body.scenes : []
    readonly property var labels: body ? body.labels : []
    readonly property var lines: body ? body.lines : []
    readonly property int count: Math.max(1, scenes.length)
    readonly property bool isStacked: Theme.isPortrait
    readonly property real sceneWidth: isStacked
        ? Math.floor(Math.min(page.width * 0.62, (page.height - words.height - count * 8 * Theme.mm) / count / 0.75))
        : Math.floor(Math.min((page.width - (count - 1) * 8 * Theme.mm) / count, (page.height - words.height - 8 * Theme.mm - 3 * Theme.heading) / 0.75))

    Grid {
        id: row
        columns: page.isStacked ? 1 : 3
        spacing: 8 * Theme.mm

        Repeater {
            model: Math.max(2, page.scenes.length)

            Item {
                id: item
                required property int index
                visible: index < page.scenes.length
                width: page.isStacked ? page.width : page.sceneWidth
                height: page.isStacked ? picture.height : picture.height + 6 * Theme.mm + caption.height

                Scene {
                    id: picture
                    model: item.index < page.scenes.length ? page.scenes[item.index] : null
                    isRunning: page.isCurrent
                    width: page.sceneWidth
                    height: Math.floor(width * 0.75)
                }
                Label {
                    id: caption
                    x: page.isStacked ? picture.width + 10 * Theme.mm : 0
                    y: page.isStacked ? Math.round((picture.height - height) / 2) : picture.height + 6 * Theme.mm
                    width: item.width - x
                    horizontalAlignment: page.isStacked ? Text.AlignLeft : Text.AlignHCenter
                    text: item.index < page.labels.length ? page.labels[item.index] : ""
                    font.pixelSize: Theme.heading
                    weight: 700
                }
            }
        }
    }
    Column {
        id: words
        y: row.height > 0 ? row.height + 8 * Theme.mm : 0
        width: parent.width
        spacing: 4 * Theme.mm

        Repeater {
            model: 4

            Label {
                required property int index
                width: page.width
                text: index < page.lines.length ? page.lines[index] : ""
                font.pixelSize: Theme.lead
                color: Theme.inkSoft
            }
        }
    }
}
