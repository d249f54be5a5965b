import QtQuick
import "../theme"

// A raised sheet that holds things together.
Rectangle {
    readonly property bool isFrame: true

    radius: Theme.radius
    color: Theme.surfaceRaised
    border.width: Theme.hair
    border.color: Theme.lineSoft
}
