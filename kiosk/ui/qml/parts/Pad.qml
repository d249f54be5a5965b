import QtQuick
import "../theme"

// Twelve keys: digits, clear, delete. Echoes by itself; what it holds leaves only through its page.
Item {
    id: pad
    objectName: "pad"

    property string clearLabel: ""
    property string deleteLabel: ""
    property bool isNamed: true
    readonly property real keyWidth: Math.floor(Math.min(80 * Theme.mm, (width - 2 * Theme.gap) / 3))
    readonly property real keyHeight: Math.floor(Math.min(46 * Theme.mm, (height - 3 * Theme.gap) / 4))
    signal keyed(string key)

    Grid {
        anchors.horizontalCenter: parent.horizontalCenter
        columns: 3
        spacing: Theme.gap

        Repeater {
            model: ["1", "2", "3", "4", "5", "6", "7", "8", "9", "clear", "0", "delete"]

            Item {
                id: key
                required property string modelData
                readonly property bool isWord: modelData.length > 1

                objectName: "key-" + modelData
                width: pad.keyWidth
                height: pad.keyHeight

                Rectangle {
                    anchors.fill: parent
                    anchors.margins: tap.isDown ? Math.round(Theme.mm) : 0
                    radius: Theme.radius
                    color: tap.isDown ? Theme.primary : key.isWord ? Theme.surface : Theme.surfaceRaised
                    border.width: Theme.isHigh ? Theme.edge : Theme.hair
                    border.color: Theme.isHigh ? Theme.line : Theme.lineSoft
                }
                Label {
                    anchors.centerIn: parent
                    visible: !key.isWord
                    text: key.isWord ? "" : key.modelData
                    isSilent: true
                    font.pixelSize: Math.min(Theme.digits, Math.floor(key.height * 0.62))
                    lineHeight: 1.0
                    weight: 600
                    color: tap.isDown ? Theme.primaryInk : Theme.ink
                }
                Column {
                    anchors.centerIn: parent
                    visible: key.isWord
                    spacing: Theme.mm

                    Icon {
                        anchors.horizontalCenter: parent.horizontalCenter
                        visible: name !== "" && key.height > 26 * Theme.mm
                        name: key.modelData === "delete" ? "delete" : key.modelData === "clear" ? "clear" : ""
                        size: 8 * Theme.mm
                        tone: tap.isDown ? Theme.primaryInk : Theme.primary
                    }
                    Label {
                        anchors.horizontalCenter: parent.horizontalCenter
                        width: Math.min(Math.ceil(implicitWidth) + 1, key.width - 4 * Theme.mm)
                        horizontalAlignment: Text.AlignHCenter
                        text: key.modelData === "delete" ? pad.deleteLabel : key.modelData === "clear" ? pad.clearLabel : ""
                        isSilent: true
                        font.pixelSize: Theme.small
                        weight: 600
                        lineHeight: 1.0
                        color: tap.isDown ? Theme.primaryInk : Theme.ink
                    }
                }
                Tap {
                    id: tap
                    anchors.fill: parent
                    name: key.isWord ? (key.modelData === "delete" ? pad.deleteLabel : pad.clearLabel) : key.modelData
                    isNamed: key.isWord || pad.isNamed
                    onActed: pad.keyed(key.modelData)
                }
            }
        }
    }
}
