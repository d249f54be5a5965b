import QtQuick
import "../theme"
import "../parts"

// A secret number: dots on the screen, digits only in the pad, gone when they are sent.
PageBase {
    id: page

    property string typed: ""
    readonly property int length: body ? body.length : 6
    property string heldFor: ""

    takesDigits: true
    isMainReady: typed.length === length

    function type(name: string): void {
        if (name === "delete")
            typed = typed.slice(0, -1);
        else if (name === "clear")
            typed = "";
        else if (typed.length < length)
            typed += name;
    }
    function key(name: string): bool {
        if (name === "enter") {
            if (isMainReady && page.page.main)
                submitMain(page.page.main.id);
            return true;
        }
        type(name);
        return true;
    }
    function submitMain(action: string): bool {
        const value = typed;
        typed = "";
        face.submit(action, body.field, value);
        return true;
    }
    function forget(): void {
        typed = "";
    }

    // A new attempt or another field starts empty; a change of language or size keeps what was typed.
    readonly property string occasion: page.page ? page.page.key + "|" + (body ? body.notice.length + body.field : "") : ""
    onPageChanged: {
        const now = page && page.page ? page.page.key : "";
        if (now !== heldFor) {
            heldFor = now;
            typed = "";
        }
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
