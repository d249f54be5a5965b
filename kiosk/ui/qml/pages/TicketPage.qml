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
    readonly property real gap: 8 * Theme.mm
    // What stands below the plate whatever its size, so that the number takes what is left.
    readonly property real below: (notice.visible ? notice.height + gap : 0) + (words.visible ? words.height + gap : 0)
    readonly property real room: height - plate.height - below - (scenes.length > 0 ? gap : 0) - (list.isOverflowing ? 31 * Theme.mm : 0)
    readonly property int rows: Theme.isPortrait ? count : 1
    readonly property real sceneHeight: Math.floor(Math.min((room - (rows - 1) * gap) / rows, width * (Theme.isPortrait ? 0.42 : count > 1 ? 0.24 : 0.4) * 0.75))
    readonly property bool hasPictures: sceneHeight > 30 * Theme.mm

    onPageChanged: list.reset()

    Scroller {
        id: list
        anchors.fill: parent
        spacing: page.gap

        Rectangle {
            id: plate
            readonly property bool isFrame: true
            width: parent ? parent.width : 0
            height: caption.height + number.height + 18 * Theme.mm
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
                readonly property real room: page.height - page.below - caption.height - 18 * Theme.mm
                y: caption.y + caption.height + 2 * Theme.mm
                x: 12 * Theme.mm
                width: parent.width - 24 * Theme.mm
                horizontalAlignment: Text.AlignHCenter
                wrapMode: Text.NoWrap
                text: page.body ? page.body.number : ""
                color: Theme.primaryInk
                // As high as the page can spare, as wide as the letters allow.
                font.pixelSize: Math.floor(Math.max(Theme.px(18), Math.min(Theme.px(46), width / (0.72 * Math.max(4, text.length)), page.height * 0.36, room * 0.76)))
                weight: 700
                lineHeight: 1.0
                Accessible.name: page.body ? page.body.number_accessible + ". " + page.body.number : ""
            }
        }
        Banner {
            id: notice
            width: parent ? parent.width : 0
            isLoud: Theme.isPortrait || !Theme.isLarge
            text: page.body ? page.body.notice : ""
            tone: page.body ? page.body.tone : "neutral"
            code: page.body ? page.body.code : ""
        }
        Column {
            id: words
            visible: page.lines.length > 0
            width: parent ? parent.width : 0
            spacing: 4 * Theme.mm

            Repeater {
                model: 6

                Label {
                    required property int index
                    width: words.width
                    text: index < page.lines.length ? page.lines[index] : ""
                    font.pixelSize: Theme.lead
                    color: Theme.inkSoft
                }
            }
        }
        Grid {
            id: things
            visible: page.scenes.length > 0
            columns: Theme.isPortrait ? 1 : 2
            spacing: page.hasPictures ? page.gap : 3 * Theme.mm

            Repeater {
                model: 2

                Item {
                    id: item
                    required property int index
                    visible: index < page.scenes.length
                    width: Theme.isPortrait ? words.width : Math.floor((words.width - (page.count - 1) * page.gap) / page.count)
                    height: Math.max(page.hasPictures ? page.sceneHeight : 0, label.height)

                    Scene {
                        id: picture
                        visible: page.hasPictures
                        model: item.index < page.scenes.length ? page.scenes[item.index] : null
                        isRunning: page.isCurrent
                        height: page.hasPictures ? page.sceneHeight : 0
                        width: Math.floor(height / 0.75)
                    }
                    Label {
                        id: label
                        x: page.hasPictures ? picture.width + page.gap : 0
                        y: page.hasPictures ? Math.round((picture.height - height) / 2) : 0
                        width: item.width - x
                        text: item.index < page.labels.length ? page.labels[item.index] : ""
                        font.pixelSize: Theme.heading
                        weight: 700
                    }
                }
            }
        }
    }
}
