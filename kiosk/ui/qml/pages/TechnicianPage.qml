import QtQuick
import "../theme"
import "../parts"

// The machine's own view of itself: dense, but read from an arm's length.
PageBase {
    id: page

    readonly property var devices: body ? body.devices : []
    readonly property var issues: body ? body.issues : []
    readonly property var facts: body ? body.facts : []
    property int pool: 5
    onDevicesChanged: if (devices.length > pool) pool = devices.length

    isWhole: true

    component Group: Column {
        id: group
        property string title: ""
        property var rows: []
        property int pool: 2
        onRowsChanged: if (rows.length > pool) pool = rows.length
        visible: rows.length > 0
        spacing: 3 * Theme.mm

        Label {
            width: parent.width
            text: group.title
            font.pixelSize: Theme.lead
            weight: 700
            color: Theme.primary
            bottomPadding: Theme.mm
            Accessible.role: Accessible.Heading
        }
        Repeater {
            model: group.pool

            FactRow {
                required property int index
                width: group.width
                labelShare: 0.28
                fact: index < group.rows.length ? group.rows[index] : null
                isLast: index === group.rows.length - 1
            }
        }
    }

    Label {
        id: title
        x: Theme.margin
        y: (Theme.isPortrait ? 10 : 4) * Theme.mm
        width: parent.width - 2 * Theme.margin
        text: page.page ? page.page.title : ""
        font.pixelSize: Theme.title
        weight: 700
        Accessible.role: Accessible.Heading
    }
    Banner {
        id: result
        x: Theme.margin
        y: title.y + title.height + 5 * Theme.mm
        width: title.width
        text: page.body ? page.body.result : ""
        tone: page.body ? page.body.result_tone : "neutral"
    }
    Scroller {
        x: Theme.margin
        y: (result.visible ? result.y + result.height : title.y + title.height) + 5 * Theme.mm
        width: title.width
        height: parent.height - y
        spacing: 8 * Theme.mm

        Grid {
            id: wide
            columns: Theme.isPortrait || Theme.isLarge ? 1 : 2
            columnSpacing: 8 * Theme.mm
            rowSpacing: 8 * Theme.mm
            width: parent.width
            readonly property real cell: Math.floor((width - (columns - 1) * columnSpacing) / columns)

            Column {
                id: list
                width: wide.columns === 2 ? Math.floor(wide.width * 0.58) : wide.width
                spacing: 3 * Theme.mm

                Label {
                    width: parent.width
                    text: page.body ? page.body.devices_title : ""
                    font.pixelSize: Theme.lead
                    weight: 700
                    color: Theme.primary
                    Accessible.role: Accessible.Heading
                }
                Repeater {
                    model: page.pool

                    Card {
                        id: card
                        required property int index
                        readonly property var device: index < page.devices.length ? page.devices[index] : null
                        readonly property var tests: device ? device.tests : []
                        visible: device !== null
                        width: list.width
                        height: Math.max(words.height, tests.length * ((Theme.isLarge ? 28 : 20) + 3) * Theme.mm - 3 * Theme.mm) + 7 * Theme.mm
                        border.color: Theme.isHigh ? Theme.line : Theme.lineSoft

                        Rectangle {
                            x: 5 * Theme.mm
                            anchors.verticalCenter: parent.verticalCenter
                            width: 13 * Theme.mm
                            height: width
                            radius: width / 2
                            color: card.device ? Theme.toneTint(card.device.tone) : Theme.ground

                            Icon {
                                anchors.centerIn: parent
                                name: card.device ? (card.device.tone === "neutral" ? "help" : Theme.toneIcon(card.device.tone)) : ""
                                size: 9 * Theme.mm
                                tone: card.device ? Theme.toneColor(card.device.tone) : Theme.ink
                            }
                        }
                        Column {
                            id: words
                            x: 23 * Theme.mm
                            width: parent.width - x - (card.tests.length > 0 ? (Theme.isLarge ? 88 : 62) * Theme.mm : 5 * Theme.mm)
                            anchors.verticalCenter: parent.verticalCenter
                            spacing: Theme.mm

                            Label {
                                width: parent.width
                                text: card.device ? card.device.name : ""
                                weight: 700
                                lineHeight: 1.0
                            }
                            Label {
                                width: parent.width
                                text: card.device ? card.device.state + (card.device.since !== "" ? ", " + card.device.since : "") : ""
                                font.pixelSize: Theme.small
                                lineHeight: 1.0
                                color: Theme.inkSoft
                            }
                            Label {
                                width: parent.width
                                text: card.device ? card.device.reason : ""
                                font.pixelSize: Theme.small
                                weight: 600
                                lineHeight: 1.0
                            }
                        }
                        Column {
                            anchors.right: parent.right
                            anchors.rightMargin: 4 * Theme.mm
                            anchors.verticalCenter: parent.verticalCenter
                            spacing: 3 * Theme.mm

                            Repeater {
                                model: card.tests.length

                                Button {
                                    required property int index
                                    action: card.tests[index] ?? null
                                    width: (Theme.isLarge ? 80 : 54) * Theme.mm
                                    height: (Theme.isLarge ? 28 : 20) * Theme.mm
                                    textSize: Theme.small
                                    onActed: face.press(action.id)
                                }
                            }
                        }
                    }
                }
            }
            Column {
                width: wide.columns === 2 ? wide.width - list.width - wide.columnSpacing : wide.width
                spacing: 8 * Theme.mm

                Group {
                    width: parent.width
                    title: page.body ? page.body.issues_title : ""
                    rows: page.issues
                }
                Group {
                    width: parent.width
                    title: page.body ? page.body.facts_title : ""
                    rows: page.facts
                }
            }
        }
    }
}
