import QtQuick
import "../theme"
import "../parts"

// The machine's own view of itself: dense, but read from one arm's length.
PageBase {
    id: page
    readonly property var devices: body ? body.devices : []
}
