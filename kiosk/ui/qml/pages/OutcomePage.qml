import QtQuick
import "../theme"
import "../parts"

// How it ended: what happened, what is safe, what to do, who helps; the code small below.
PageBase {
    id: page

    readonly property string tone: body ? body.tone : "neutral"
    readonly property var lines: body ? body.lines : []
    readonly property bool hasScene: body !== null && body.scene !== null

    Scroller {
        anchors.fill: parent
        spacing: 8 * Theme.mm

        Rectangle {
            width: parent.width
            height: 4 * Theme.mm
            color: "transparent"
        }
        Row {
            id: top
            width: parent.width
            spacing: 8 * Theme.mm

            Rectangle {
                id: sign
                width: 40 * Theme.mm
                height: 40 * Theme.mm
                radius: width / 2
                color: Theme.toneTint(page.tone)
                border.width: Theme.edge
                border.color: Theme.toneColor(page.tone)

                Icon {
                    anchors.centerIn: parent
                    name: Theme.toneIcon(page.tone)
                    size: 24 * Theme.mm
                    tone: Theme.toneColor(page.tone)
                }
            }
            Column {
                width: top.width - sign.width - 8 * Theme.mm
                spacing: 5 * Theme.mm

                Repeater {
                    model: 6

                    Label {
                        required property int index
                        width: parent ? parent.width : 0
                        text: index < page.lines.length ? page.lines[index] : ""
                        font.pixelSize: index === 0 ? Theme.heading : Theme.lead
                        weight: index === 0 ? 600 : 400
                        color: index === 0 ? Theme.ink : Theme.inkSoft
                    }
                }
                Label {
                    text: page.body ? page.body.code : ""
                    font.pixelSize: Theme.code
                    color: Theme.inkSoft
                    topPadding: 4 * Theme.mm
                }
            }
        }
        Scene {
            model: page.body ? page.body.scene : null
            isRunning: page.isCurrent
            width: Math.min(parent ? parent.width : 0, 220 * Theme.mm)
            height: Math.floor(width * 0.75)
        }
    }
}
