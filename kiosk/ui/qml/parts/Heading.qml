import QtQuick
import "../theme"

// The page's question and one line of explanation.
Column {
    id: heading

    property string title: ""
    property string lead: ""

    spacing: 5 * Theme.mm

    Label {
        width: parent.width
        text: heading.title
        font.pixelSize: Theme.title
        weight: 700
        font.letterSpacing: Theme.isLarge ? 0 : -0.01 * Theme.title
        lineHeight: 1.04
        Accessible.role: Accessible.Heading
    }
    Label {
        width: parent.width
        text: heading.lead
        font.pixelSize: Theme.lead
        color: Theme.inkSoft
        lineHeight: 1.16
    }
}
