import QtQuick
import "../theme"

// placeholder, drawn later
Item {
    id: scene
    property var model: null
    property bool isRunning: true
    implicitHeight: width * 0.75
    visible: model !== null
    Rectangle { anchors.fill: parent; radius: Theme.radius; color: Theme.surface }
}
