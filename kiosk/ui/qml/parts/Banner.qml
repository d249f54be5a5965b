import QtQuick
import "../theme"

// One sentence with a tone: a wrong PIN, a hint, a warning.
Rectangle {
    id: banner

    readonly property bool isFrame: true

    property string text: ""
    property string tone: "neutral"
    property string icon: Theme.toneIcon(tone)
    // What holds the visit up is said in larger letters.
    property bool isLoud: false
    // Small, for those who help.
    property string code: ""

    visible: text !== ""
    implicitHeight: Math.max(words.height, mark.height) + (isLoud ? 16 : 10) * Theme.mm
    radius: Theme.radius
    color: Theme.toneTint(tone)
    border.width: Theme.isHigh ? Theme.edge : 0
    border.color: Theme.toneColor(tone)

    Icon {
        id: mark
        name: banner.icon
        size: (banner.isLoud ? 18 : 10) * Theme.mm
        tone: Theme.toneColor(banner.tone)
        x: 6 * Theme.mm
        anchors.verticalCenter: parent.verticalCenter
    }
    Column {
        id: words
        x: mark.visible ? mark.x + mark.width + 6 * Theme.mm : 6 * Theme.mm
        width: banner.width - x - 6 * Theme.mm
        anchors.verticalCenter: parent.verticalCenter
        spacing: 2 * Theme.mm

        Label {
            width: parent.width
            text: banner.text
            font.pixelSize: banner.isLoud ? Theme.lead : Theme.body
            weight: banner.isLoud ? 700 : 500
        }
        Label {
            visible: text !== ""
            text: banner.code
            font.pixelSize: Theme.code
            color: Theme.inkSoft
        }
    }
}
