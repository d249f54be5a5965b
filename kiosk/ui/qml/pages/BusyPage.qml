import QtQuick
import "../theme"
import "../parts"

// Work that needs nothing of the person: a turning ring of dots and what is going on.
PageBase {
    id: page

    Item {
        id: wheel
        property int turn: 0
        readonly property real size: 56 * Theme.mm
        width: size
        height: size
        anchors.horizontalCenter: parent.horizontalCenter
        y: Math.round(Math.max(0, page.height * 0.30 - size / 2))

        Timer {
            interval: 160
            repeat: true
            running: page.isCurrent
            onTriggered: wheel.turn = (wheel.turn + 1) % 8
        }
        Repeater {
            model: 8

            Rectangle {
                required property int index
                readonly property real angle: index / 8 * 2 * Math.PI
                readonly property int age: (wheel.turn - index + 8) % 8
                width: Math.round((age === 0 ? 9 : age === 1 ? 7.5 : 6) * Theme.mm)
                height: width
                radius: width / 2
                color: age === 0 ? Theme.accent : age < 4 ? Theme.primary : Theme.lineSoft
                x: Math.round(wheel.size / 2 + wheel.size * 0.42 * Math.sin(angle) - width / 2)
                y: Math.round(wheel.size / 2 - wheel.size * 0.42 * Math.cos(angle) - width / 2)
            }
        }
    }
    Column {
        anchors.horizontalCenter: parent.horizontalCenter
        y: wheel.y + wheel.size + 14 * Theme.mm
        width: Math.min(parent.width, 240 * Theme.mm)
        spacing: 5 * Theme.mm

        Label {
            width: parent.width
            text: page.body ? page.body.sentence : ""
            horizontalAlignment: Text.AlignHCenter
            font.pixelSize: Theme.heading
            weight: 600
        }
        Label {
            width: parent.width
            text: page.body && page.body.patience ? page.body.patience : ""
            horizontalAlignment: Text.AlignHCenter
            color: Theme.inkSoft
        }
    }
}
