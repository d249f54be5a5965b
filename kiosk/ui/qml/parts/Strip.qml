import QtQuick
import "../theme"

// Who we are, the time, the network in words, and the controls that are on every page.
Item {
    id: strip
    objectName: "strip"

    property var model: null
    readonly property var controls: model ? model.controls : []
    // Built when the first page that has controls comes, not for the starting page.
    property int pool: 0
    onControlsChanged: if (controls.length > pool) pool = 5
    readonly property bool isTwoRows: Theme.isPortrait
    readonly property real rowHeight: (Theme.isLarge ? 26 : 20) * Theme.mm
    readonly property real controlWidth: isTwoRows ? (width - 2 * Theme.margin - 4 * Theme.gap) / 5
        : (width * (Theme.isLarge ? 0.49 : 0.45) - 4 * Theme.gap) / 5
    readonly property real controlsWidth: controls.length > 0 ? controls.length * (controlWidth + Theme.gap) - Theme.gap : 0

    implicitHeight: isTwoRows ? 10 * Theme.mm + rowHeight + (controls.length > 0 ? 6 * Theme.mm + rowHeight : 0) + 2 * Theme.mm
        : 8 * Theme.mm + rowHeight + 4 * Theme.mm

    Icon {
        id: emblem
        objectName: "emblem"
        x: Theme.margin
        y: (strip.isTwoRows ? 10 : 8) * Theme.mm
        size: strip.rowHeight
        name: "emblem"
        tone: Theme.primary
        more: ";contrast=" + Theme.hex(Theme.primaryInk) + ";accent=" + Theme.hex(Theme.isHigh ? Theme.primaryInk : Theme.accent)

        MouseArea {
            anchors.fill: parent
            pressAndHoldInterval: 3000
            onPressAndHold: face.press("staff")
        }
    }
    Column {
        id: names
        anchors.verticalCenter: emblem.verticalCenter
        x: emblem.x + emblem.width + 5 * Theme.mm
        width: state.x - x - 6 * Theme.mm
        spacing: 1.5 * Theme.mm

        Label {
            id: office
            width: parent.width
            text: strip.model ? strip.model.office : ""
            font.pixelSize: Theme.small
            weight: 700
            lineHeight: 1.0
        }
        Label {
            width: parent.width
            text: strip.model ? strip.model.place : ""
            font.pixelSize: Theme.small
            color: Theme.inkSoft
            lineHeight: 1.0
            visible: text !== "" && office.lineCount === 1
        }
    }
    Column {
        id: state
        anchors.verticalCenter: emblem.verticalCenter
        x: (strip.isTwoRows ? strip.width - Theme.margin : controlsRow.x - (strip.controlsWidth > 0 ? 8 * Theme.mm : 0)) - width
        spacing: 1.5 * Theme.mm

        Label {
            anchors.right: parent.right
            text: strip.model ? strip.model.clock : ""
            font.pixelSize: Theme.small
            weight: 700
            lineHeight: 1.0
            wrapMode: Text.NoWrap
        }
        Row {
            anchors.right: parent.right
            spacing: 2 * Theme.mm
            visible: networkText.text !== ""

            Rectangle {
                width: 3.5 * Theme.mm
                height: width
                radius: width / 2
                anchors.verticalCenter: parent.verticalCenter
                color: strip.model && strip.model.network === "good" ? Theme.good : strip.model && strip.model.network === "neutral" ? Theme.line : Theme.toneColor(strip.model ? strip.model.network : "")
            }
            Label {
                id: networkText
                text: strip.model ? strip.model.network_text : ""
                font.pixelSize: Theme.small
                color: Theme.inkSoft
                lineHeight: 1.0
                wrapMode: Text.NoWrap
            }
        }
    }
    Item {
        id: controlsRow
        x: strip.isTwoRows ? Theme.margin : strip.width - Theme.margin - strip.controlsWidth
        y: strip.isTwoRows ? emblem.y + strip.rowHeight + 6 * Theme.mm : emblem.y
        width: strip.controlsWidth
        height: strip.rowHeight

        Repeater {
            model: strip.pool

            StripControl {
                required property int index
                action: index < strip.controls.length ? strip.controls[index] : null
                x: Math.round(index * (strip.controlWidth + Theme.gap))
                width: Math.floor(strip.controlWidth)
                height: controlsRow.height
            }
        }
    }
}
