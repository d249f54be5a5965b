import QtQuick
import "../theme"
import "../parts"

// A short number that is nobody's: it stands open as it is typed.
TypedPage {
    id: page

    least: body ? body.least : 1
    most: body ? body.most : 4
    onBegan: typed = page.page.body.value

    Card {
        id: field
        width: parent.width
        height: digits.height + hint.height + 18 * Theme.mm

        Row {
            id: digits
            y: 7 * Theme.mm
            anchors.horizontalCenter: parent.horizontalCenter
            readonly property real cell: Math.floor(Math.min(22 * Theme.mm, (field.width - 16 * Theme.mm) / page.most))
            height: (Theme.isLarge ? 28 : 24) * Theme.mm

            Repeater {
                model: page.most

                Item {
                    id: cell
                    required property int index
                    readonly property bool isTyped: index < page.typed.length
                    width: digits.cell
                    height: digits.height

                    Label {
                        anchors.horizontalCenter: parent.horizontalCenter
                        anchors.bottom: underline.top
                        anchors.bottomMargin: Theme.mm
                        text: cell.isTyped ? page.typed[cell.index] : ""
                        font.pixelSize: Math.min(Theme.px(14), digits.cell * 1.3)
                        weight: 600
                        lineHeight: 1.0
                    }
                    Rectangle {
                        id: underline
                        anchors.bottom: parent.bottom
                        anchors.horizontalCenter: parent.horizontalCenter
                        width: parent.width - 3 * Theme.mm
                        height: cell.index === page.typed.length ? Theme.mm : Theme.edge
                        color: cell.index === page.typed.length ? Theme.accent : cell.isTyped ? Theme.primary : Theme.line
                    }
                }
            }
        }
        Label {
            id: hint
            y: digits.y + digits.height + 4 * Theme.mm
            width: parent.width - 16 * Theme.mm
            x: 8 * Theme.mm
            horizontalAlignment: Text.AlignHCenter
            text: page.body ? page.body.hint : ""
            color: Theme.inkSoft
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
