import QtQuick
import "../theme"

// A button of the page: primary (the one main act), secondary, or quiet.
Item {
    id: button

    readonly property bool isFrame: true

    property var action: null
    property string kind: "secondary"
    property bool isReady: true
    property bool isIconLast: kind === "primary"
    property int textSize: Theme.label
    readonly property bool isLive: isReady && action !== null && action.is_enabled
    readonly property color fill: !isLive ? Theme.surface : kind === "primary" ? (tap.isDown ? Theme.primaryDown : Theme.primary)
        : kind === "secondary" ? (tap.isDown ? Theme.primaryTint : Theme.surfaceRaised) : (tap.isDown ? Theme.primaryTint : Theme.ground)
    readonly property color textColor: !isLive ? Theme.inkSoft : kind === "primary" ? Theme.primaryInk : kind === "secondary" ? Theme.primary : Theme.ink
    signal acted

    objectName: action ? action.id : ""
    visible: action !== null
    height: (Theme.isLarge ? 32 : 28) * Theme.mm

    Rectangle {
        anchors.fill: parent
        anchors.margins: tap.isDown ? Math.round(Theme.mm) : 0
        radius: Theme.radius
        color: button.fill
        border.width: button.kind === "quiet" && button.isLive ? 0 : Theme.edge
        border.color: !button.isLive ? Theme.lineSoft : Theme.primary
    }
    Row {
        anchors.centerIn: parent
        spacing: 3 * Theme.mm
        layoutDirection: button.isIconLast ? Qt.RightToLeft : Qt.LeftToRight

        Icon {
            id: icon
            name: button.action && button.action.icon ? button.action.icon : ""
            size: 8 * Theme.mm
            tone: button.textColor
            anchors.verticalCenter: parent.verticalCenter
            visible: name !== "" && !Theme.isLarge && words.implicitWidth + width + 15 * Theme.mm <= button.width
        }
        Label {
            id: words
            text: button.action ? button.action.label : ""
            isSilent: true
            color: button.textColor
            font.pixelSize: button.textSize
            weight: 600
            lineHeight: 1.0
            width: Math.min(implicitWidth, button.width - (icon.visible ? icon.width + 3 * Theme.mm : 0) - (Theme.isCompact ? 5 : 8) * Theme.mm)
            horizontalAlignment: icon.visible ? Text.AlignLeft : Text.AlignHCenter
            anchors.verticalCenter: parent.verticalCenter
        }
    }
    Tap {
        id: tap
        anchors.fill: parent
        isReady: button.isLive
        name: button.action ? (button.action.accessible || button.action.label) : ""
        description: button.action ? [button.action.accessible ? button.action.label : "", button.action.is_enabled ? "" : button.action.reason].filter(t => t !== "").join(". ") : ""
        onActed: button.acted()
    }
}
