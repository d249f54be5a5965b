import QtQuick
import "../theme"

// A raised sheet that holds things together.
Rectangle {
    radius: Theme.radius
    color: Theme.surfaceRaised
    border.width: Theme.hair
    border.color: Theme.lineSoft
}
