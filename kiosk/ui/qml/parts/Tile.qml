import QtQuick
import "../theme"

// A large choice. "row": picture left, words right, for short lists. "card": picture above, for grids.
Item {
    id: tile

    readonly property bool isFrame: true

    property var model: null
    property string shape: "row"
    property int titleSize: Theme.heading
    readonly property bool isLive: model !== null && model.is_enabled
    readonly property bool isRow: shape === "row"
    // Among many the picture leaves more room to the words.
    property bool isDense: false
    readonly property real pad: (isRow ? 8 : isDense ? 7 : 9) * Theme.mm
    readonly property real disc: (isRow ? 28 : isDense ? 22 : 26) * Theme.mm
    readonly property bool hasDisc: model !== null && model.icon !== ""
    readonly property real wordsX: isRow ? pad + (hasDisc ? disc + 8 * Theme.mm : 2 * Theme.mm) : pad
    readonly property real wordsWidth: width - wordsX - pad - (isRow ? 10 * Theme.mm : 0)
    implicitHeight: isRow ? Math.max(disc, words.height) + 2 * pad : disc + words.height + 2 * pad + (isDense ? 4 : 6) * Theme.mm

    objectName: model ? model.action : ""
    visible: model !== null

    Rectangle {
        id: plate
        anchors.fill: parent
        anchors.margins: tap.isDown ? Math.round(Theme.mm) : 0
        radius: Theme.radius
        color: !tile.isLive ? Theme.ground : tap.isDown ? Theme.primaryTint : Theme.surfaceRaised
        border.width: tile.isLive ? Theme.edge : Theme.hair
        border.color: tile.isLive && !Theme.isHigh ? (tap.isDown ? Theme.primary : Theme.lineSoft) : Theme.line
    }
    Rectangle {
        id: discPlate
        x: tile.pad
        y: tile.isRow ? Math.round((tile.height - height) / 2) : tile.pad
        width: tile.disc
        height: tile.disc
        radius: Theme.radius
        visible: tile.hasDisc
        color: tile.isLive ? Theme.primaryTint : Theme.surface
        border.width: Theme.isHigh ? Theme.hair : 0
        border.color: Theme.line

        Icon {
            anchors.centerIn: parent
            name: tile.model ? tile.model.icon : ""
            size: tile.disc * 0.6
            tone: tile.isLive ? Theme.primary : Theme.line
        }
    }
    Column {
        id: words
        x: tile.wordsX
        y: tile.isRow ? Math.round((tile.height - height) / 2) : tile.pad + (tile.hasDisc ? tile.disc + (tile.isDense ? 4 : 6) * Theme.mm : 0)
        width: tile.wordsWidth
        spacing: 2 * Theme.mm

        Label {
            width: parent.width
            text: tile.model ? tile.model.title : ""
            isSilent: true
            font.pixelSize: tile.titleSize
            weight: 700
            lineHeight: 1.0
            color: tile.isLive ? Theme.ink : Theme.inkSoft
        }
        Label {
            width: parent.width
            text: tile.model && tile.isLive ? tile.model.text : ""
            isSilent: true
            color: Theme.inkSoft
        }
        Row {
            visible: tile.model !== null && !tile.isLive && tile.model.reason !== ""
            spacing: 2.5 * Theme.mm
            Icon {
                id: why
                name: "closed"
                size: 6 * Theme.mm
                tone: Theme.caution
                y: Math.round((reason.font.pixelSize * 1.3 - height) / 2)
            }
            Label {
                id: reason
                width: words.width - why.width - 2.5 * Theme.mm
                text: tile.model ? tile.model.reason : ""
                isSilent: true
                color: Theme.inkSoft
            }
        }
        Label {
            width: parent.width
            text: tile.model && tile.isLive && tile.isRow ? tile.model.badge : ""
            isSilent: true
            weight: 600
            color: Theme.primary
        }
    }
    Icon {
        name: tile.isRow && tile.isLive ? "next" : ""
        size: 8 * Theme.mm
        tone: Theme.primary
        anchors.right: parent.right
        anchors.rightMargin: tile.pad
        anchors.verticalCenter: parent.verticalCenter
    }
    Rectangle {
        id: badge
        visible: !tile.isRow && tile.isLive && tile.model.badge !== ""
        anchors.right: parent.right
        anchors.top: parent.top
        anchors.margins: tile.pad
        width: Math.min(badgeText.implicitWidth, tile.width - tile.disc - 3 * tile.pad) + 6 * Theme.mm
        height: badgeText.height + 3 * Theme.mm
        radius: height / 2
        color: Theme.accentTint
        border.width: Theme.isHigh ? Theme.hair : 0
        border.color: Theme.accent

        Label {
            id: badgeText
            anchors.centerIn: parent
            width: parent.width - 6 * Theme.mm
            horizontalAlignment: Text.AlignHCenter
            text: tile.model ? tile.model.badge : ""
            isSilent: true
            font.pixelSize: Theme.small
            weight: 600
            lineHeight: 1.0
        }
    }
    Tap {
        id: tap
        anchors.fill: parent
        leadsOn: true
        isReady: tile.isLive
        name: tile.model ? tile.model.title : ""
        description: tile.model ? [tile.isLive ? tile.model.spoken ?? tile.model.text : tile.model.reason, tile.isLive ? tile.model.badge : ""].filter(t => t !== "").join(". ") : ""
        onActed: face.press(tile.model.action)
    }
}
