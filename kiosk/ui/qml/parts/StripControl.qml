import QtQuick
import "../theme"

// Language, text size, contrast, sound, help: small icon above or beside its word.
Item {
    id: control

    readonly property bool isFrame: true

    property var action: null

    objectName: action ? action.id : ""
    visible: action !== null

    Rectangle {
        anchors.fill: parent
        anchors.margins: tap.isDown ? Math.round(Theme.mm) : 0
        radius: Theme.radius
        color: tap.isDown ? Theme.primaryTint : Theme.surface
        border.width: Theme.isHigh ? Theme.edge : 0
        border.color: Theme.line
    }
    Label {
        id: words
        readonly property real pad: (Theme.isCompact ? 1 : 2.5) * Theme.mm
        readonly property real iconRoom: icon.visible ? icon.width + 2 * Theme.mm : 0
        x: pad + iconRoom
        width: control.width - 2 * pad - iconRoom
        anchors.verticalCenter: parent.verticalCenter
        horizontalAlignment: Text.AlignHCenter
        text: control.action ? control.action.label : ""
        isSilent: true
        font.pixelSize: Theme.small
        weight: 600
        lineHeight: 1.0
    }
    Icon {
        id: icon
        name: control.action && control.width > (Theme.isLarge ? 64 : 46) * Theme.mm ? control.action.icon : ""
        size: 7.5 * Theme.mm
        tone: Theme.primary
        anchors.verticalCenter: parent.verticalCenter
        x: Math.round(words.x + (words.width - words.contentWidth) / 2 - 2 * Theme.mm - width)
    }
    Tap {
        id: tap
        anchors.fill: parent
        isReady: control.action !== null && control.action.is_enabled
        name: control.action ? (control.action.accessible || control.action.label) : ""
        description: control.action && control.action.accessible ? control.action.label : ""
        onActed: face.press(control.action.id)
    }
}
