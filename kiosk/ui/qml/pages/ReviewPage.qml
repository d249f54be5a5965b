import QtQuick
import "../theme"
import "../parts"

// What the office holds: sections of labelled values.
PageBase {
    id: page

    readonly property var sections: body ? body.sections : []
    property int pool: 2
    onSectionsChanged: if (sections.length > pool) pool = sections.length
    onPageChanged: list.reset()

    Scroller {
        id: list
        width: parent.width
        height: parent.height - (note.visible ? note.height + 6 * Theme.mm : 0)
        spacing: 6 * Theme.mm

        Repeater {
            model: page.pool

            Card {
                id: card
                required property int index
                readonly property var section: index < page.sections.length ? page.sections[index] : null
                readonly property var facts: section ? section.rows : []
                property int rowPool: 6
                onFactsChanged: if (facts.length > rowPool) rowPool = facts.length

                visible: section !== null
                width: parent ? parent.width : 0
                height: rows.height + 14 * Theme.mm

                Column {
                    id: rows
                    x: 8 * Theme.mm
                    y: 7 * Theme.mm
                    width: parent.width - 16 * Theme.mm
                    spacing: 3.5 * Theme.mm

                    Label {
                        width: parent.width
                        text: card.section ? card.section.title : ""
                        font.pixelSize: Theme.heading
                        weight: 700
                        color: Theme.primary
                        bottomPadding: 2 * Theme.mm
                        Accessible.role: Accessible.Heading
                    }
                    Repeater {
                        model: card.rowPool

                        FactRow {
                            required property int index
                            width: rows.width
                            fact: index < card.facts.length ? card.facts[index] : null
                            isLast: index === card.facts.length - 1
                        }
                    }
                }
            }
        }
    }
    Banner {
        id: note
        anchors.bottom: parent.bottom
        width: parent.width
        text: page.body ? page.body.note : ""
    }
}
