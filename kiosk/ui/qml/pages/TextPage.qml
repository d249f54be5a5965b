import QtQuick
import "../theme"
import "../parts"

// Help and information.
PageBase {
    id: page

    readonly property var paragraphs: body ? body.paragraphs : []
    readonly property var sections: body ? body.sections : []
    property int pool: 3
    property int cards: 1
    onSectionsChanged: if (sections.length > cards) cards = sections.length
    onParagraphsChanged: if (paragraphs.length > pool) pool = paragraphs.length
    onPageChanged: list.reset()

    Scroller {
        id: list
        anchors.fill: parent
        spacing: 6 * Theme.mm

        Item {
            id: words
            readonly property bool isBeside: scene.visible && !Theme.isLarge
            width: parent ? parent.width : 0
            height: isBeside ? Math.max(scene.height, said.height) : said.y + said.height

            Scene {
                id: scene
                model: page.body ? page.body.scene : null
                isRunning: page.isCurrent
                width: Math.floor(words.isBeside ? parent.width * 0.46 : Math.min(parent.width, 170 * Theme.mm))
                height: Math.floor(width * 0.75)
            }
            Column {
                id: said
                x: words.isBeside ? scene.width + 10 * Theme.mm : 0
                y: words.isBeside ? Math.max(0, Math.round((scene.height - height) / 2)) : scene.visible ? scene.height + 6 * Theme.mm : 0
                width: parent.width - x
                spacing: 5 * Theme.mm

                Repeater {
                    model: page.pool

                    Label {
                        required property int index
                        width: said.width
                        text: index < page.paragraphs.length ? page.paragraphs[index] : ""
                        font.pixelSize: Theme.lead
                        lineHeight: 1.2
                    }
                }
            }
        }
        Repeater {
            model: page.cards

            Card {
                id: card
                required property int index
                readonly property var section: index < page.sections.length ? page.sections[index] : null
                readonly property var facts: section ? section.rows : []
                property int rowPool: 3
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
}
