import QtQuick
import "../theme"
import "../parts"

// The very document, large, as it will come out of the printer.
PageBase {
    id: page

    readonly property string picture: body ? body.picture : ""
    readonly property bool hasTurns: body !== null && (body.previous !== null || body.next !== null)
    readonly property var facts: body ? body.facts : []
    // Where there is little room the document itself comes before what is known of it, which is then only spoken.
    readonly property bool isTight: notice.visible && Theme.isLarge && (!Theme.isPortrait || height < 300 * Theme.mm)
    property int pool: 4
    readonly property real turnWidth: (Theme.isLarge ? 88 : 70) * Theme.mm
    readonly property real turnHeight: (Theme.isLarge ? 36 : 22) * Theme.mm
    onFactsChanged: if (facts.length > pool) pool = facts.length

    Banner {
        id: notice
        width: parent.width
        text: page.body ? page.body.notice : ""
        code: page.body ? page.body.code : ""
        tone: "caution"
    }
    Rectangle {
        id: table
        y: notice.visible ? notice.height + 6 * Theme.mm : 0
        width: parent.width
        readonly property real room: page.height - y - foot.height - 6 * Theme.mm
        readonly property real share: sheet.implicitWidth > 1 ? sheet.implicitHeight / sheet.implicitWidth : 1.4
        height: Math.floor(Math.min(room, frame.width * share + 12 * Theme.mm))
        radius: Theme.radius
        color: Theme.surface
        border.width: Theme.isHigh ? Theme.hair : 0
        border.color: Theme.line

        Item {
            id: frame
            anchors.fill: parent
            anchors.margins: 6 * Theme.mm

            Image {
                id: sheet
                anchors.centerIn: parent
                width: parent.width
                height: parent.height
                fillMode: Image.PreserveAspectFit
                cache: false
                smooth: true
                sourceSize: Qt.size(Math.floor(frame.width), Math.floor(table.room - 12 * Theme.mm))
                source: page.picture === "" ? "" : "image://held/" + page.picture
                Accessible.role: Accessible.Graphic
                Accessible.name: page.body ? page.body.picture_accessible : ""
                Accessible.description: page.isTight ? page.facts.map(fact => fact.label + ": " + fact.value).join(". ") : ""
            }
            Rectangle {
                anchors.centerIn: parent
                width: sheet.paintedWidth + 2 * Theme.hair
                height: sheet.paintedHeight + 2 * Theme.hair
                visible: page.picture !== ""
                color: "transparent"
                border.width: Theme.hair
                border.color: Theme.line
            }
        }
    }
    // Which page this is beside the buttons that turn it, then the facts over the whole width.
    Item {
        id: foot
        y: table.y + table.height + 6 * Theme.mm
        width: parent.width
        height: turns.height + facts.height + 3 * Theme.mm

        Item {
            id: turns
            width: parent.width
            height: Math.max(page.hasTurns ? page.turnHeight : 0, where.height)

            Label {
                id: where
                width: parent.width - (page.hasTurns ? 2 * (page.turnWidth + Theme.gap) : 0)
                anchors.verticalCenter: parent.verticalCenter
                text: page.body ? page.body.page_text : ""
                weight: 700
            }
            Button {
                action: page.body ? page.body.previous : null
                anchors.right: next.left
                anchors.rightMargin: Theme.gap
                width: page.turnWidth
                height: page.turnHeight
                textSize: Theme.body
                onActed: face.press(action.id)
            }
            Button {
                id: next
                action: page.body ? page.body.next : null
                anchors.right: parent.right
                width: page.turnWidth
                height: page.turnHeight
                textSize: Theme.body
                isIconLast: true
                onActed: face.press(action.id)
            }
        }
        Flow {
            id: facts
            y: turns.height + 3 * Theme.mm
            width: parent.width
            spacing: 2 * Theme.mm

            Repeater {
                model: page.isTight ? 0 : page.pool

                Label {
                    required property int index
                    readonly property var fact: index < page.facts.length ? page.facts[index] : null
                    width: Math.min(Math.ceil(implicitWidth) + 1, facts.width)
                    rightPadding: 6 * Theme.mm
                    text: fact ? fact.label + ": " + fact.value : ""
                    color: Theme.inkSoft
                }
            }
        }
    }
}
