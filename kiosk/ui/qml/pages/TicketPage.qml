import QtQuick
import "../theme"
import "../parts"

// A number to be read across a room: on its own ground, as wide as it goes; below, what to take and what to do.
PageBase {
    id: page

    readonly property var scenes: body ? body.scenes : []
    readonly property var labels: body ? body.labels : []
    readonly property var lines: body ? body.lines : []
    readonly property int count: Math.max(1, scenes.length)
    readonly property real room: height - plate.height - (notice.visible ? notice.height + 8 * Theme.mm : 0) - (words.height > 0 ? words.height + 8 * Theme.mm : 0) - 8 * Theme.mm
    readonly property real sceneHeight: Math.floor(Math.min((room - (Theme.isPortrait ? (count - 1) * 8 * Theme.mm : 0)) / (Theme.isPortrait ? count : 1), width * (Theme.isPortrait ? 0.42 : count > 1 ? 0.24 : 0.4) * 0.75))

    Rectangle {
        id: plate
        readonly property bool isFrame: true
        width: parent.width
        height: caption.height + number.height + 20 * Theme.mm
        radius: Theme.radius
        color: Theme.primary

        Label {
            id: caption
            x: 10 * Theme.mm
            y: 8 * Theme.mm
            width: parent.width - 20 * Theme.mm
            horizontalAlignment: Text.AlignHCenter
            text: page.body ? page.body.caption : ""
            color: Theme.primaryInk
            font.pixelSize: Theme.heading
            weight: 600
        }
        Label {
            id: number
            objectName: "number"
            y: caption.y + caption.height + 2 * Theme.mm
            x: 6 * Theme.mm
            width: parent.width - 12 * Theme.mm
            horizontalAlignment: Text.AlignHCenter
            wrapMode: Text.NoWrap
            text: page.body ? page.body.number : ""
            color: Theme.primaryInk
            // As high as the page can spare, as wide as the letters allow.
            font.pixelSize: Math.floor(Math.min(Theme.px(46), width / (0.72 * Math.max(4, text.length)), page.height * 0.36))
            weight: 700
            lineHeight: 1.0
            Accessible.name: page.body ? page.body.number_accessible + ". " + page.body.number : ""
        }
    }
    Banner {
        id: notice
        y: plate.height + 8 * Theme.mm
        width: parent.width
        isLoud: true
        text: page.body ? page.body.notice : ""
        tone: page.body ? page.body.tone : "neutral"
        code: page.body ? page.body.code : ""
    }
    Column {
        id: words
        y: notice.visible ? notice.y + notice.height + 8 * Theme.mm : plate.height + 8 * Theme.mm
        width: parent.width
        spacing: 4 * Theme.mm

        Repeater {
            model: 6

            Label {
                required property int index
                width: page.width
                text: index < page.lines.length ? page.lines[index] : ""
                font.pixelSize: Theme.lead
                color: Theme.inkSoft
            }
        }
    }
    Grid {
        y: words.y + (words.height > 0 ? words.height + 8 * Theme.mm : 0)
        columns: Theme.isPortrait ? 1 : 2
        spacing: 8 * Theme.mm
        visible: page.sceneHeight > 30 * Theme.mm

        Repeater {
            model: 2

            Item {
                id: item
                required property int index
                visible: index < page.scenes.length
                width: Theme.isPortrait ? page.width : Math.floor((page.width - (page.count - 1) * 8 * Theme.mm) / page.count)
                height: Math.max(page.sceneHeight, label.height)

                Scene {
                    id: picture
                    model: item.index < page.scenes.length ? page.scenes[item.index] : null
                    isRunning: page.isCurrent
                    height: page.sceneHeight
                    width: Math.floor(height / 0.75)
                }
                Label {
                    id: label
                    x: picture.width + 8 * Theme.mm
                    width: item.width - x
                    anchors.verticalCenter: picture.verticalCenter
                    text: item.index < page.labels.length ? page.labels[item.index] : ""
                    font.pixelSize: Theme.heading
                    weight: 700
                }
            }
        }
    }
}
