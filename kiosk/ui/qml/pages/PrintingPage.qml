import QtQuick
import "../theme"
import "../parts"

// Sheet by sheet: a box for each, filled when the printer says it is out.
PageBase {
    id: page

    readonly property int total: body ? body.total : 1
    readonly property int done: body ? body.done : 0

    Scene {
        id: scene
        readonly property real room: page.height - sheets.height - sentence.height - 20 * Theme.mm - y
        model: page.body ? page.body.scene : null
        // While nothing comes out, nothing moves.
        isRunning: page.isCurrent && !notice.visible
        y: notice.visible ? notice.height + 8 * Theme.mm : 0
        width: Math.min(page.width, Math.floor(room / 0.75))
        height: Math.floor(width * 0.75)
        anchors.horizontalCenter: parent.horizontalCenter
    }
    Row {
        id: sheets
        anchors.horizontalCenter: parent.horizontalCenter
        y: scene.y + scene.height + 8 * Theme.mm
        spacing: 4 * Theme.mm

        Repeater {
            model: 10

            Rectangle {
                required property int index
                readonly property bool isDone: index < page.done
                readonly property bool isNow: index === page.done
                visible: index < page.total
                width: 18 * Theme.mm
                height: 24 * Theme.mm
                radius: 2 * Theme.mm
                color: isDone ? Theme.primary : isNow ? Theme.accentTint : Theme.surfaceRaised
                border.width: Theme.edge
                border.color: isDone ? Theme.primary : isNow ? Theme.accent : Theme.lineSoft

                Icon {
                    anchors.centerIn: parent
                    name: parent.isDone ? "check" : ""
                    size: 10 * Theme.mm
                    tone: Theme.primaryInk
                }
                Label {
                    anchors.centerIn: parent
                    text: parent.isDone ? "" : (parent.index + 1).toString()
                    font.pixelSize: Theme.heading
                    weight: 700
                    color: Theme.inkSoft
                }
            }
        }
    }
    Label {
        id: sentence
        y: sheets.y + sheets.height + 6 * Theme.mm
        width: parent.width
        text: page.body ? page.body.sentence : ""
        horizontalAlignment: Text.AlignHCenter
        font.pixelSize: Theme.lead
        weight: 600
    }
    Banner {
        id: notice
        width: parent.width
        isLoud: true
        text: page.body ? page.body.notice : ""
        code: page.body ? page.body.code : ""
        tone: page.body ? page.body.tone : "neutral"
    }
}
