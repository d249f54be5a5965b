import QtQuick
import "../theme"

// A QR code, each module a whole number of pixels, with its quiet zone, black on white in every theme.
Rectangle {
    id: view

    property string name: ""
    property int modules: 0
    property string accessible: ""
    readonly property int module: modules > 0 ? Math.floor(Math.min(width, height) / (modules + 8)) : 0

    color: Theme.paper
    radius: Theme.radius
    Accessible.role: Accessible.Graphic
    Accessible.name: accessible

    Image {
        anchors.centerIn: parent
        width: view.modules * view.module
        height: width
        smooth: false
        cache: false
        source: view.name === "" ? "" : "image://held/" + view.name
    }
}
