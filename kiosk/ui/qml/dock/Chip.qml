import QtQuick
import "../theme"
import "../parts"

// A small button of the dock.
Rectangle {
    id: chip

    property string text: ""
    property bool isOn: false
    property bool isStrong: false
    signal acted

    objectName: "chip-" + text
    width: words.implicitWidth + 8 * Theme.mm
    height: 13 * Theme.mm
    radius: 3 * Theme.mm
    color: tap.isDown ? Theme.primaryDown : isStrong ? Theme.primary : isOn ? Theme.accent : Theme.surfaceRaised
    border.width: 1
    border.color: isOn ? Theme.accent : isStrong ? Theme.primary : Theme.line

    Label {
        id: words
        anchors.centerIn: parent
        text: chip.text
        isSilent: true
        font.pixelSize: Theme.small
        weight: 600
        wrapMode: Text.NoWrap
        color: tap.isDown || chip.isStrong ? Theme.primaryInk : Theme.ink
    }
    Tap {
        id: tap
        anchors.fill: parent
        name: chip.text
        onActed: chip.acted()
    }
}
