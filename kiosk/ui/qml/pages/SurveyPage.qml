import QtQuick
import "../theme"
import "../parts"

// One touch, four faces.
PageBase {
    id: page

    readonly property var choices: body ? body.choices : []

    Grid {
        id: faces
        columns: Theme.isPortrait ? 2 : 4
        spacing: 8 * Theme.mm
        anchors.horizontalCenter: parent.horizontalCenter
        y: Theme.isPortrait ? 0 : Math.round((page.height - height) / 2)
        readonly property real cell: Math.floor((page.width - (columns - 1) * spacing) / columns)

        Repeater {
            model: 4

            Item {
                id: choice
                required property int index
                readonly property var action: index < page.choices.length ? page.choices[index] : null
                objectName: action ? action.id : ""
                visible: action !== null
                width: faces.cell
                height: Math.min(page.height, width * (Theme.isPortrait ? 1.0 : 1.4))

                Rectangle {
                    anchors.fill: parent
                    anchors.margins: tap.isDown ? Math.round(Theme.mm) : 0
                    radius: Theme.radius
                    color: tap.isDown ? Theme.accentTint : Theme.surfaceRaised
                    border.width: Theme.edge
                    border.color: Theme.isHigh ? Theme.line : Theme.lineSoft
                }
                Column {
                    anchors.centerIn: parent
                    spacing: 6 * Theme.mm

                    Icon {
                        anchors.horizontalCenter: parent.horizontalCenter
                        name: "face-" + (choice.index + 1)
                        size: Math.min(60 * Theme.mm, choice.width * 0.5)
                        tone: Theme.primary
                    }
                    Label {
                        anchors.horizontalCenter: parent.horizontalCenter
                        width: choice.width - 8 * Theme.mm
                        horizontalAlignment: Text.AlignHCenter
                        text: choice.action ? choice.action.label : ""
                        isSilent: true
                        font.pixelSize: Theme.heading
                        weight: 600
                        lineHeight: 1.0
                    }
                }
                Tap {
                    id: tap
                    anchors.fill: parent
                    name: choice.action ? (choice.action.accessible || choice.action.label) : ""
                    description: choice.action && choice.action.accessible ? choice.action.label : ""
                    onActed: face.press(choice.action.id)
                }
            }
        }
    }
}
