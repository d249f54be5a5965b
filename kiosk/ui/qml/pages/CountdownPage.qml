import QtQuick
import "../theme"
import "../parts"

// Are you still here? A ring of beads that empties.
PageBase {
    id: page

    Ring {
        id: ring
        width: Math.round(Math.min(130 * Theme.mm, page.height * 0.62))
        height: width
        anchors.horizontalCenter: parent.horizontalCenter
        y: Math.round((page.height - height - sentence.height - 10 * Theme.mm) * 0.3)
        totalMs: page.body ? page.body.total_ms : 1
        remainingMs: page.page && page.page.remaining_ms !== null ? page.page.remaining_ms : 0
        isRunning: page.isCurrent
    }
    Label {
        id: sentence
        anchors.horizontalCenter: parent.horizontalCenter
        y: ring.y + ring.height + 10 * Theme.mm
        width: Math.min(parent.width, 260 * Theme.mm)
        horizontalAlignment: Text.AlignHCenter
        text: page.body ? page.body.sentence : ""
        font.pixelSize: Theme.lead
    }
}
