import QtQuick
import "../theme"
import "../parts"

// Something to do with the hands.
PageBase {
    id: page

    readonly property bool hasNotice: body !== null && body.notice !== ""

    Banner {
        id: notice
        width: parent.width
        text: page.body ? page.body.notice : ""
        code: page.body ? page.body.code : ""
        tone: page.body ? page.body.tone : "neutral"
    }
    Scene {
        id: scene
        readonly property real room: page.height - y - (hint.visible ? hint.height + 8 * Theme.mm : 0)
        model: page.body ? page.body.scene : null
        isRunning: page.isCurrent
        y: notice.visible ? notice.height + 8 * Theme.mm : 0
        width: Math.min(page.width, Math.floor(room / 0.75))
        height: Math.floor(width * 0.75)
        anchors.horizontalCenter: parent.horizontalCenter
    }
    Label {
        id: hint
        y: scene.y + scene.height + 8 * Theme.mm
        width: parent.width
        text: page.body ? page.body.hint : ""
        horizontalAlignment: Text.AlignHCenter
        font.pixelSize: Theme.lead
        color: Theme.inkSoft
    }
}
