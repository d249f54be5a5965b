import QtQuick
import "../theme"
import "../parts"

// How it ended: what happened, what is safe, what to do, who helps; the code small below.
PageBase {
    id: page

    readonly property string tone: body ? body.tone : "neutral"
    readonly property var lines: body ? body.lines : []
    readonly property bool hasWords: lines.length > 0 || (body !== null && body.code !== "")
    property int pool: 6
    onLinesChanged: if (lines.length > pool) pool = lines.length

    onPageChanged: list.reset()

    Scroller {
        id: list
        anchors.fill: parent
        spacing: 8 * Theme.mm

        Rectangle {
            id: panel
            // A colour without words would say nothing.
            visible: page.hasWords
            width: parent ? parent.width : 0
            height: Math.max(sign.height, words.height) + 20 * Theme.mm
            radius: Theme.radius
            color: Theme.toneTint(page.tone)
            border.width: Theme.isHigh ? Theme.edge : 0
            border.color: Theme.toneColor(page.tone)

            Rectangle {
                id: sign
                x: 10 * Theme.mm
                y: 10 * Theme.mm
                width: (Theme.isLarge ? 32 : 38) * Theme.mm
                height: width
                radius: width / 2
                color: Theme.isHigh ? Theme.ground : Theme.toneColor(page.tone)
                border.width: Theme.isHigh ? Theme.edge : 0
                border.color: Theme.toneColor(page.tone)

                Icon {
                    anchors.centerIn: parent
                    name: page.tone === "good" ? "check" : page.tone === "neutral" ? "info" : Theme.toneIcon(page.tone)
                    size: parent.width * 0.56
                    tone: Theme.isHigh ? Theme.toneColor(page.tone) : Theme.paper
                }
            }
            Column {
                id: words
                x: sign.x + sign.width + 9 * Theme.mm
                y: Math.max(10 * Theme.mm, Math.round((panel.height - height) / 2))
                width: panel.width - x - 10 * Theme.mm
                spacing: 4 * Theme.mm

                Repeater {
                    model: page.pool

                    Label {
                        required property int index
                        width: words.width
                        text: index < page.lines.length ? page.lines[index] : ""
                        font.pixelSize: index === 0 ? Theme.heading : Theme.lead
                        weight: index === 0 ? 700 : 400
                        color: index === 0 ? Theme.ink : Theme.inkSoft
                    }
                }
                Label {
                    text: page.body ? page.body.code : ""
                    font.pixelSize: Theme.code
                    color: Theme.inkSoft
                }
            }
        }
        Scene {
            // Words that were longer for a moment leave arrows behind; the picture makes room for a moment, and they go.
            readonly property real room: page.height - (panel.visible ? panel.height + 8 * Theme.mm : 0) - (list.isOverflowing ? 31 * Theme.mm : 0)
            model: page.body && (room > 70 * Theme.mm) ? page.body.scene : null
            isRunning: page.isCurrent
            width: Math.min(parent ? parent.width : 0, Math.floor(room / 0.75))
            height: Math.floor(width * 0.75)
            anchors.horizontalCenter: parent ? parent.horizontalCenter : undefined
        }
    }
}
