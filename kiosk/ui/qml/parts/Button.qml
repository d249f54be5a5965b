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
    readonly property alias control: tap
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
    // The words take the room there is and are centred in it; the icon stands beside what they really fill.
    Label {
        id: words
        readonly property real pad: (Theme.isCompact ? 3 : 4) * Theme.mm
        readonly property real iconRoom: icon.visible ? icon.width + 3 * Theme.mm : 0
        x: pad + (button.isIconLast ? 0 : iconRoom)
        width: button.width - 2 * pad - iconRoom
        anchors.verticalCenter: parent.verticalCenter
        horizontalAlignment: Text.AlignHCenter
        text: button.action ? button.action.label : ""
        isSilent: true
        color: button.textColor
        font.pixelSize: button.textSize
        weight: 600
        lineHeight: 1.0
    }
    Icon {
        id: icon
        readonly property real slack: Math.round((words.width - words.contentWidth) / 2)
        name: button.action && button.action.icon ? button.action.icon : ""
        size: 8 * Theme.mm
        tone: button.textColor
        anchors.verticalCenter: parent.verticalCenter
        x: button.isIconLast ? Math.round(words.x + words.width - slack + 3 * Theme.mm) : Math.round(words.x + slack - 3 * Theme.mm - width)
        visible: name !== "" && !Theme.isLarge && words.implicitWidth + width + 15 * Theme.mm <= button.width
    }
    Tap {
        id: tap
        anchors.fill: parent
        leadsOn: true
        isReady: button.isLive
        name: button.action ? (button.action.accessible || button.action.label) : ""
        description: button.action ? [button.action.accessible ? button.action.label : "", button.action.is_enabled ? "" : button.action.reason].filter(t => t !== "").join(". ") : ""
        onActed: button.acted()
    }
}
