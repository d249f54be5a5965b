import QtQuick
import "../theme"
import "../parts"

// Look here, or lay a finger on: an outline, never a picture, and a ring that empties.
PageBase {
    id: page

    readonly property bool isFace: body !== null && body.icon === "face"
    readonly property real room: page.height - hint.height - 10 * Theme.mm
    readonly property real tall: Math.round(Math.min(room, 200 * Theme.mm, page.width * 0.8))
    readonly property real ringSize: Math.round(Math.min(72 * Theme.mm, tall * 0.45))
    readonly property real all: oval.width + 14 * Theme.mm + ringSize

    Rectangle {
        id: oval
        x: Math.round((page.width - page.all) / 2)
        y: Math.round((page.room - height) / 2)
        width: Math.round(page.tall * (page.isFace ? 0.74 : 0.6))
        height: page.tall
        radius: width / 2
        color: Theme.surfaceRaised
        border.width: Math.round(2 * Theme.mm)
        border.color: Theme.primary

        Icon {
            anchors.centerIn: parent
            name: page.body ? page.body.icon : ""
            size: Math.round(oval.width * 0.55)
            tone: Theme.primary
        }
    }
    Ring {
        x: oval.x + oval.width + 14 * Theme.mm
        y: Math.round(oval.y + (oval.height - height) / 2)
        width: page.ringSize
        height: width
        totalMs: page.body ? page.body.total_ms : 1
        remainingMs: page.page && page.page.remaining_ms !== null ? page.page.remaining_ms : 0
        isRunning: page.isCurrent
    }
    Label {
        id: hint
        anchors.bottom: parent.bottom
        width: parent.width
        text: page.body ? page.body.hint : ""
        horizontalAlignment: Text.AlignHCenter
        font.pixelSize: Theme.lead
        color: Theme.inkSoft
    }
}
