import QtQuick
import "../theme"

// Every text on the screen. Plain text only, so that nothing a person or an office wrote is taken for markup.
Text {
    property bool isSilent: false
    property int weight: 400

    textFormat: Text.PlainText
    color: Theme.ink
    font.family: Theme.family
    font.pixelSize: Theme.body
    // The plain family is a variable font: its weights are points on an axis, not files.
    font.weight: Theme.isLarge ? weight : Font.Normal
    font.variableAxes: Theme.axes[weight]
    wrapMode: Text.WordWrap
    lineHeight: 1.12
    visible: text !== ""
    Accessible.role: Accessible.StaticText
    Accessible.name: text
    Accessible.ignored: isSilent
}
