import QtQuick
import "../theme"
import "../parts"

// From the kiosk to the phone: a code, an address to type instead, and how long it holds.
PageBase {
    id: page

    readonly property var lines: body ? body.lines : []
    readonly property var codeRows: body ? body.rows : []
    readonly property bool isSide: !Theme.isPortrait
    readonly property real side: Math.floor(Math.min(isSide ? page.width * (Theme.isLarge ? 0.36 : 0.5) : page.width * 0.66, page.height - (isSide ? 0 : words.height + 10 * Theme.mm), 190 * Theme.mm))
    property string held: ""

    onCodeRowsChanged: held = codeRows.length > 0 ? face.code((page ? page.page.serial : 0).toString(), codeRows) : ""

    QrView {
        id: code
        width: page.side
        height: page.side
        x: page.isSide ? 0 : Math.round((page.width - width) / 2)
        name: page.held
        modules: page.codeRows.length
        accessible: page.body ? page.body.qr_accessible : ""
        border.width: Theme.hair
        border.color: Theme.lineSoft
    }
    Column {
        id: words
        x: page.isSide ? code.width + 12 * Theme.mm : 0
        y: page.isSide ? 0 : code.height + 10 * Theme.mm
        width: page.width - x
        spacing: 5 * Theme.mm

        Repeater {
            model: 4

            Label {
                required property int index
                width: words.width
                text: index < page.lines.length ? page.lines[index] : ""
                font.pixelSize: Theme.lead
            }
        }
        Label {
            width: parent.width
            text: page.body ? page.body.address : ""
            wrapMode: Text.WrapAnywhere
            weight: 700
            color: Theme.primary
        }
        Row {
            spacing: 3 * Theme.mm
            visible: expires.text !== ""
            Icon {
                name: "clock"
                size: 7 * Theme.mm
                tone: Theme.caution
                anchors.verticalCenter: parent.verticalCenter
            }
            Label {
                id: expires
                width: Math.min(Math.ceil(implicitWidth) + 1, words.width - 10 * Theme.mm)
                text: page.body ? page.body.expires_text : ""
            }
        }
    }
}
