import QtQuick
import "../theme"

// Time that is left, as a ring of beads and a number. Counts by itself from what the page says.
Item {
    id: ring

    property int totalMs: 1
    property int remainingMs: 0
    property bool isRunning: false
    property real endsAt: 0
    property int leftMs: 0
    readonly property int seconds: Math.ceil(leftMs / 1000)
    readonly property int beads: 30
    readonly property real bead: Math.max(4 * Theme.mm, width * 0.045)

    function restart(): void {
        endsAt = Date.now() + remainingMs;
        leftMs = remainingMs;
    }

    onRemainingMsChanged: restart()
    onIsRunningChanged: restart()

    Timer {
        interval: 250
        repeat: true
        running: ring.isRunning && ring.leftMs > 0
        onTriggered: ring.leftMs = Math.max(0, ring.endsAt - Date.now())
    }
    Repeater {
        model: ring.beads

        Rectangle {
            required property int index
            readonly property real angle: (index / ring.beads) * 2 * Math.PI - Math.PI / 2
            readonly property bool isLit: index < Math.ceil(ring.beads * ring.leftMs / Math.max(1, ring.totalMs))
            width: Math.round(ring.bead)
            height: width
            radius: width / 2
            x: Math.round(ring.width / 2 + (ring.width - ring.bead) / 2 * Math.cos(angle) - width / 2)
            y: Math.round(ring.height / 2 + (ring.height - ring.bead) / 2 * Math.sin(angle) - width / 2)
            color: isLit ? Theme.primary : Theme.ground
            border.width: Theme.hair
            border.color: isLit ? Theme.primary : Theme.line
        }
    }
    Label {
        anchors.centerIn: parent
        text: ring.seconds.toString()
        font.pixelSize: Math.round(ring.width * 0.36)
        weight: 700
        lineHeight: 1.0
    }
}
