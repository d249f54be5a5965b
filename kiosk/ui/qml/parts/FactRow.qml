import QtQuick
import "../theme"

// A labelled value on a line of its own.
Item {
    id: row

    property var fact: null
    property bool isLast: false
    property real labelShare: 0.36
    property bool isStacked: Theme.isLarge && width < 220 * Theme.mm
    readonly property bool hasIcon: fact !== null && fact.icon !== ""
    readonly property real wordsX: hasIcon ? 14 * Theme.mm : 0
    // A row without a value is a sentence.
    readonly property real labelWidth: isStacked || (fact !== null && fact.value === "") ? width - wordsX : Math.floor((width - wordsX) * labelShare)

    visible: fact !== null
    implicitHeight: (isStacked ? value.y + value.height : Math.max(caption.height, value.height)) + 5 * Theme.mm
    height: implicitHeight

    Icon {
        name: row.hasIcon ? row.fact.icon : ""
        size: 8 * Theme.mm
        tone: row.fact ? Theme.toneColor(row.fact.tone) : Theme.ink
        y: Math.round(Theme.body * 0.62 - height / 2)
    }
    Label {
        id: caption
        x: row.wordsX
        width: row.labelWidth - 4 * Theme.mm
        text: row.fact ? row.fact.label : ""
        color: Theme.inkSoft
    }
    Label {
        id: value
        x: row.isStacked ? row.wordsX : row.wordsX + row.labelWidth
        y: row.isStacked ? caption.height + 1 * Theme.mm : 0
        width: row.width - x
        text: row.fact ? row.fact.value : ""
        weight: 600
        color: row.fact && row.fact.tone === "stop" ? Theme.stop : Theme.ink
    }
    Rectangle {
        visible: !row.isLast
        anchors.bottom: parent.bottom
        anchors.bottomMargin: Math.round(0.5 * Theme.mm)
        x: row.wordsX
        width: row.width - x
        height: Theme.hair
        color: Theme.lineSoft
    }
}
