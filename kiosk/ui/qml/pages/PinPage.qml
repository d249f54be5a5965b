import QtQuick
import "../theme"
import "../parts"

// A secret number: dots on the screen, digits only in the pad, gone when they are sent.
TypedPage {
    id: page

    readonly property int length: body ? body.length : 6

    least: length
    most: length

    function submitMain(action: string): bool {
        const value = typed;
        typed = "";
        face.submit(action, body.field, value);
        return true;
    }

    Banner {
        id: notice
        width: parent.width
        text: page.body ? page.body.notice : ""
        tone: page.body ? page.body.tone : "neutral"
    }
    Row {
        id: dots
        readonly property real dot: (Theme.isCompact && !Theme.isPortrait ? 12 : 18) * Theme.mm
        y: notice.visible ? notice.height + (Theme.isCompact ? 5 : 10) * Theme.mm : (Theme.isPortrait ? 4 : 0) * Theme.mm
        anchors.horizontalCenter: parent.horizontalCenter
        spacing: 6 * Theme.mm

        Repeater {
            model: page.length

            Rectangle {
                required property int index
                readonly property bool isFilled: index < page.typed.length
                width: dots.dot
                height: dots.dot
                radius: width / 2
                color: Theme.surfaceRaised
                border.width: Theme.edge
                border.color: index === page.typed.length ? Theme.primary : Theme.line

                Rectangle {
                    visible: parent.isFilled
                    anchors.centerIn: parent
                    width: dots.dot * 0.5
                    height: width
                    radius: width / 2
                    color: Theme.primary
                }
            }
        }
    }
    Pad {
        y: dots.y + dots.dot + (Theme.isCompact ? 6 : 12) * Theme.mm
        width: Math.min(parent.width, 248 * Theme.mm)
        height: page.height - y
        anchors.horizontalCenter: parent.horizontalCenter
        isNamed: false
        clearLabel: page.body ? page.body.clear_label : ""
        deleteLabel: page.body ? page.body.delete_label : ""
        onKeyed: name => page.type(name)
    }
}
