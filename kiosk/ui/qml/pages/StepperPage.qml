import QtQuick
import "../theme"
import "../parts"

// Numbers that a technician moves by steps, and what follows from them.
PageBase {
    id: page

    readonly property var rows: body ? body.rows : []
    readonly property var facts: body ? body.facts : []
    readonly property var acts: body ? body.acts : []

    Scroller {
        width: parent.width
        height: parent.height
        spacing: 5 * Theme.mm

        Banner {
            width: parent.width
            text: page.body ? page.body.notice : ""
            tone: page.body ? page.body.tone : "neutral"
        }
        Repeater {
            model: 2

            Card {
                id: card
                required property int index
                readonly property var row: index < page.rows.length ? page.rows[index] : null
                readonly property var buttons: row ? row.buttons : []
                readonly property int half: Math.floor(buttons.length / 2)
                // Wide steps stand in one line with the number, many of them below it.
                readonly property bool isBelow: buttons.length > 2
                visible: row !== null
                width: parent.width
                height: visible ? number.y + number.height + (isBelow ? steps.height + 4 * Theme.mm : 0) + 5 * Theme.mm : 0

                Label {
                    id: caption
                    x: 6 * Theme.mm
                    y: 4 * Theme.mm
                    width: parent.width - 2 * x
                    horizontalAlignment: Text.AlignHCenter
                    text: card.row ? card.row.label : ""
                    weight: 600
                    lineHeight: 1.0
                }
                Item {
                    id: number
                    y: caption.y + caption.height + 2 * Theme.mm
                    width: parent.width
                    height: Math.max(value.height + (hint.visible ? hint.height : 0), card.isBelow ? 0 : 26 * Theme.mm)

                    Column {
                        width: parent.width - (card.isBelow ? 12 : 100) * Theme.mm
                        anchors.centerIn: parent

                        Label {
                            id: value
                            width: parent.width
                            horizontalAlignment: Text.AlignHCenter
                            text: card.row ? card.row.value : ""
                            font.pixelSize: Theme.title
                            weight: 700
                            lineHeight: 1.0
                        }
                        Label {
                            id: hint
                            visible: text !== ""
                            width: parent.width
                            horizontalAlignment: Text.AlignHCenter
                            text: card.row ? card.row.text : ""
                            font.pixelSize: Theme.body
                            lineHeight: 1.0
                            color: Theme.inkSoft
                        }
                    }
                }
                Item {
                    id: steps
                    x: 5 * Theme.mm
                    y: card.isBelow ? number.y + number.height + 4 * Theme.mm : number.y + Math.round((number.height - height) / 2)
                    width: parent.width - 2 * x
                    height: (Theme.isLarge ? 28 : 22) * Theme.mm

                    Repeater {
                        model: 6

                        Button {
                            required property int index
                            readonly property int count: Math.max(1, card.buttons.length)
                            readonly property real cell: card.isBelow ? Math.floor((steps.width - (count - 1) * Theme.gap) / count) : 40 * Theme.mm
                            action: index < card.buttons.length ? card.buttons[index] : null
                            x: card.isBelow ? index * (cell + Theme.gap) : index === 0 ? 0 : steps.width - cell
                            width: cell
                            height: steps.height
                            textSize: card.isBelow ? Theme.label : Theme.title
                            onActed: face.press(action.id)
                        }
                    }
                }
            }
        }
        Flow {
            width: parent.width
            spacing: Theme.gap
            visible: page.acts.length > 0

            Repeater {
                model: 4

                Button {
                    required property int index
                    action: index < page.acts.length ? page.acts[index] : null
                    width: Theme.isLarge && Theme.isPortrait ? parent.width : Math.floor((parent.width - Theme.gap) / 2)
                    height: (Theme.isLarge ? 30 : 24) * Theme.mm
                    textSize: Theme.body
                    onActed: face.press(action.id)
                }
            }
        }
        Column {
            width: parent.width

            Repeater {
                model: 8

                FactRow {
                    required property int index
                    width: parent.width
                    labelShare: 0.42
                    fact: index < page.facts.length ? page.facts[index] : null
                    isLast: index === page.facts.length - 1
                }
            }
        }
    }
}
