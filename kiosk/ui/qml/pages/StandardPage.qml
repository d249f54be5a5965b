import QtQuick
import "../theme"
import "../parts"

// What the law says people may expect: requirements, time, fee, complaints; and the consent.
PageBase {
    id: page

    readonly property var facts: body ? body.facts : []
    property int pool: 6
    onFactsChanged: if (facts.length > pool) pool = facts.length

    Rectangle {
        id: free
        visible: page.body !== null && page.body.free !== ""
        width: parent.width
        height: freeText.height + 10 * Theme.mm
        radius: Theme.radius
        color: Theme.accentTint
        border.width: Theme.isHigh ? Theme.edge : 0
        border.color: Theme.accent

        Icon {
            id: freeIcon
            x: 7 * Theme.mm
            name: "free"
            size: 12 * Theme.mm
            tone: Theme.primary
            anchors.verticalCenter: parent.verticalCenter
        }
        Label {
            id: freeText
            x: freeIcon.x + freeIcon.width + 6 * Theme.mm
            width: parent.width - x - 7 * Theme.mm
            anchors.verticalCenter: parent.verticalCenter
            text: page.body ? page.body.free : ""
            font.pixelSize: Theme.heading
            weight: 700
        }
    }
    Card {
        id: card
        y: free.visible ? free.height + 6 * Theme.mm : 0
        width: parent.width
        height: list.height + 13 * Theme.mm

        Scroller {
            id: list
            x: 8 * Theme.mm
            y: 7 * Theme.mm
            width: parent.width - 16 * Theme.mm
            maxHeight: page.height - card.y - 13 * Theme.mm - (consent.visible ? consent.height + 6 * Theme.mm : 0)
            height: Math.min(contentHeight, maxHeight)

            Column {
                id: rows
                width: parent.width
                spacing: 4 * Theme.mm

                Repeater {
                    id: repeater
                    model: page.pool

                    FactRow {
                        required property int index
                        width: rows.width
                        fact: index < page.facts.length ? page.facts[index] : null
                        isLast: index === page.facts.length - 1
                    }
                }
            }
        }
    }
    Row {
        id: consent
        visible: page.body !== null && page.body.consent !== ""
        y: card.y + card.height + 6 * Theme.mm
        width: parent.width
        spacing: 5 * Theme.mm

        Icon {
            id: shield
            name: "privacy"
            size: 10 * Theme.mm
            tone: Theme.primary
        }
        Label {
            width: consent.width - shield.width - 5 * Theme.mm
            text: page.body ? page.body.consent : ""
            color: Theme.inkSoft
        }
    }
}
