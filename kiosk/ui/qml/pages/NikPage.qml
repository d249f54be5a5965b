import QtQuick
import "../theme"
import "../parts"

// A long number in groups, masked as it is typed; an eye shows it for those who are alone.
TypedPage {
    id: page

    property bool isShown: false
    readonly property var groups: body ? body.groups : [6, 6, 4]
    readonly property int length: groups.reduce((sum, size) => sum + size, 0)

    least: length
    most: length
    onBegan: {
        typed = page.page.body.value;
        isShown = false;
    }

    Banner {
        id: notice
        width: parent.width
        text: page.body ? page.body.notice : ""
        tone: page.body ? page.body.tone : "neutral"
    }
    Card {
        id: field
        y: notice.visible ? notice.height + 6 * Theme.mm : 0
        width: parent.width
        height: (Theme.isLarge ? 38 : 32) * Theme.mm

        Row {
            id: digits
            anchors.verticalCenter: parent.verticalCenter
            x: 8 * Theme.mm
            readonly property real cell: Math.floor((field.width - eye.width - 20 * Theme.mm - 2 * spacing) / page.length)
            spacing: 6 * Theme.mm

            Repeater {
                model: page.groups.length

                Row {
                    id: group
                    required property int index
                    readonly property int start: page.groups.slice(0, index).reduce((sum, size) => sum + size, 0)

                    Repeater {
                        model: page.groups[group.index]

                        Item {
                            id: cell
                            required property int index
                            readonly property int place: group.start + index
                            readonly property bool isTyped: place < page.typed.length
                            width: digits.cell
                            height: (Theme.isLarge ? 28 : 20) * Theme.mm

                            Label {
                                anchors.horizontalCenter: parent.horizontalCenter
                                anchors.bottom: underline.top
                                anchors.bottomMargin: Theme.mm
                                visible: cell.isTyped && (page.isShown || cell.place === page.typed.length - 1)
                                text: visible ? page.typed[cell.place] : ""
                                isSilent: !page.isShown
                                font.pixelSize: Math.min(Theme.digits, digits.cell * 1.5)
                                weight: 600
                                lineHeight: 1.0
                            }
                            Rectangle {
                                visible: cell.isTyped && !(page.isShown || cell.place === page.typed.length - 1)
                                anchors.centerIn: parent
                                width: 4.5 * Theme.mm
                                height: width
                                radius: width / 2
                                color: Theme.ink
                            }
                            Rectangle {
                                id: underline
                                anchors.bottom: parent.bottom
                                anchors.horizontalCenter: parent.horizontalCenter
                                width: parent.width - 1.5 * Theme.mm
                                height: cell.place === page.typed.length ? Theme.mm : Theme.edge
                                color: cell.place === page.typed.length ? Theme.accent : cell.isTyped ? Theme.primary : Theme.line
                            }
                        }
                    }
                }
            }
        }
        Item {
            id: eye
            objectName: "show-digits"
            anchors.right: parent.right
            anchors.rightMargin: 4 * Theme.mm
            anchors.verticalCenter: parent.verticalCenter
            width: (Theme.isPortrait ? 44 : 40) * Theme.mm
            height: (Theme.isLarge ? 28 : 24) * Theme.mm

            Rectangle {
                anchors.fill: parent
                anchors.margins: eyeTap.isDown ? Math.round(Theme.mm) : 0
                radius: Theme.radius
                color: eyeTap.isDown ? Theme.primaryTint : Theme.surface
                border.width: Theme.isHigh ? Theme.edge : 0
                border.color: Theme.line
            }
            Column {
                anchors.centerIn: parent
                spacing: Theme.mm
                Icon {
                    anchors.horizontalCenter: parent.horizontalCenter
                    name: page.isShown ? "eye-off" : "eye"
                    size: 8 * Theme.mm
                    tone: Theme.primary
                }
                Label {
                    anchors.horizontalCenter: parent.horizontalCenter
                    width: Math.min(Math.ceil(implicitWidth) + 1, eye.width - 4 * Theme.mm)
                    text: page.body ? (page.isShown ? page.body.hide_label : page.body.show_label) : ""
                    isSilent: true
                    horizontalAlignment: Text.AlignHCenter
                    font.pixelSize: Theme.small
                    weight: 600
                    lineHeight: 1.0
                }
            }
            Tap {
                id: eyeTap
                anchors.fill: parent
                name: page.body ? (page.isShown ? page.body.hide_label : page.body.show_label) : ""
                onActed: page.isShown = !page.isShown
            }
        }
    }
    Pad {
        y: field.y + field.height + 8 * Theme.mm
        width: Math.min(parent.width, 248 * Theme.mm)
        height: page.height - y
        anchors.horizontalCenter: parent.horizontalCenter
        clearLabel: page.body ? page.body.clear_label : ""
        deleteLabel: page.body ? page.body.delete_label : ""
        onKeyed: name => page.type(name)
    }
}
